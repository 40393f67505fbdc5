package decode

// maxFields is how many fields a message or Fields lists.
const maxFields = 50

// Fields lists the leaves of a JSON document in document order with what they
// hold: "temp (number)", "tags[0] (text)". It lists at most 50, and none if the
// payload is not JSON. Names that a terminal might obey are quoted.
func Fields(payload []byte) []string {
	leaves, _ := jsonLeaves(payload, maxFields)
	return describe(leaves)
}

func describe(leaves []leaf) []string {
	var out []string
	for _, l := range leaves {
		if len(l.path) > 0 {
			out = append(out, printable(l.path.String())+" ("+l.kind.String()+")")
		}
	}
	return out
}
