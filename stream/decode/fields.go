package decode

// maxFields is how many fields a message lists.
const maxFields = 50

// describe lists leaves with what they hold: "temp (number)", "tags[0] (text)".
// Names that a terminal might obey are quoted.
func describe(leaves []leaf) []string {
	var out []string
	for _, l := range leaves {
		if len(l.path) > 0 {
			out = append(out, printable(l.path.String())+" ("+l.kind.String()+")")
		}
	}
	return out
}
