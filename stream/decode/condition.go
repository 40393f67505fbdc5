package decode

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// condition is a --where expression, compiled. It is immutable and may be
// shared.
//
// The language is that of expr-lang. A name, with what follows it in dots and
// brackets, is the path of a field: temp, data.temp, readings[0].value; a field
// whose name is no identifier is a member of $env: $env["host.name"].cpu. A
// name that begins with @ is metadata: @partition, @header.site,
// @header["trace-id"].
type condition struct {
	program *vm.Program
	// paths are what the expression reads, each once, and names under which
	// names it knows them.
	paths []path
	names []string
}

const (
	// atSign stands for @, which expr knows no names with: a letter that nobody
	// types.
	atSign = 'ª'
	// wholeDocument is expr's name of everything that has a name.
	wholeDocument = "$env"
)

func parseCondition(text string) (*condition, error) {
	source, err := markMetadata(text)
	if err != nil {
		return nil, err
	}
	chains := &chainVisitor{chains: make(map[ast.Node]path)}
	// What is in a payload is known when it is read, so a name may stand for
	// anything; some metadata has a type.
	types := map[string]any{"@topic": "", "@partition": 0, "@offset": 0}
	// The time of day is no part of a record: a replay would differ.
	program, err := expr.Compile(source, expr.Env(types), expr.AllowUndefinedVariables(), expr.AsBool(),
		expr.Patch(chains), expr.DisableBuiltin("now"))
	switch {
	case chains.err != nil:
		return nil, chains.err
	case err != nil:
		return nil, conditionError(err)
	}
	c := &condition{program: program}
	for _, p := range chains.chains {
		switch {
		case len(p) == 0:
			return nil, errors.New(wholeDocument + ` needs the name of a field, as in $env["host.name"]`)
		case isUnnamedHeader(p):
			return nil, errors.New(`@header needs the name of a header, as in @header.site`)
		case !slices.ContainsFunc(c.paths, p.equal):
			c.paths = append(c.paths, p)
		}
	}
	slices.SortFunc(c.paths, func(a, b path) int { return strings.Compare(a.String(), b.String()) })
	for _, p := range c.paths {
		c.names = append(c.names, nameOf(p))
	}
	return c, nil
}

// conditionError is the message of expr on one line.
func conditionError(err error) error {
	text := err.Error()
	if at, ok := errors.AsType[*file.Error](err); ok {
		text = fmt.Sprintf("%s, at character %d", at.Message, at.Column+1)
	}
	return errors.New(strings.ReplaceAll(text, string(atSign), "@"))
}

// markMetadata puts atSign for every @ that is not in a string.
func markMetadata(text string) (string, error) {
	if strings.ContainsRune(text, atSign) {
		return "", fmt.Errorf("the character %c is not supported", atSign)
	}
	var b strings.Builder
	var quote rune // what closes the string, 0 outside of one
	escaped := false
	for _, c := range text {
		switch {
		case escaped:
			escaped = false
		case quote != 0 && c == '\\' && quote != '`':
			escaped = true
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '@':
			c = atSign
		}
		b.WriteRune(c)
	}
	return b.String(), nil
}

// chainVisitor puts a single name in the place of every chain of names, members
// and elements that leads to a field. It meets nodes from the leaves to the
// root, so a chain grows as it goes.
type chainVisitor struct {
	// chains are the names that stand for chains.
	chains map[ast.Node]path
	err    error
}

// Visit implements ast.Visitor.
func (v *chainVisitor) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		p, err := pathOfName(n.Value)
		v.fail(err)
		v.put(node, p)
	case *ast.MemberNode:
		if p, ok := v.chains[n.Node]; ok {
			delete(v.chains, n.Node)
			p, err := memberOf(p, n.Property)
			v.fail(err)
			v.put(node, p)
		}
	case *ast.ChainNode:
		if p, ok := v.chains[n.Node]; ok {
			delete(v.chains, n.Node)
			v.put(node, p)
		}
	case *ast.CallNode:
		if p, ok := v.chains[n.Callee]; ok {
			v.fail(fmt.Errorf("there is no function %s", p))
		}
	case *ast.VariableDeclaratorNode:
		v.variable(n.Name)
	}
}

func (v *chainVisitor) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

func (v *chainVisitor) put(node *ast.Node, p path) {
	name := &ast.IdentifierNode{Value: nameOf(p)}
	ast.Patch(node, name)
	v.chains[name] = p
}

// variable takes back what is no field but was declared by let.
func (v *chainVisitor) variable(name string) {
	for n, p := range v.chains {
		switch {
		case len(p) == 0 || p.isMetadata() || p[0].name != name:
		case len(p) > 1:
			v.fail(fmt.Errorf("the variable %s has no fields", name))
		default:
			delete(v.chains, n)
		}
	}
}

// nameOf is the name that stands for a chain. Those of a single step keep their
// own, for it may be a variable.
func nameOf(p path) string {
	switch {
	case len(p) != 1 || p[0].meta != inPayload || p[0].name == "":
		return p.String()
	case strings.ContainsAny(p[0].name[:1], "@$"):
		return `\` + p[0].name // no metadata, and not wholeDocument
	default:
		return p[0].name
	}
}

// pathOfName is the path of a name at the beginning of a chain: empty for $env,
// which takes a field next, and a header without a name for @header.
func pathOfName(name string) (path, error) {
	word, isMetadata := strings.CutPrefix(name, string(atSign))
	switch {
	case strings.ContainsRune(word, atSign):
		return nil, errors.New("@ may only begin a name")
	case name == wholeDocument:
		return path{}, nil
	case !isMetadata:
		return path{{name: name}}, nil
	case word == metadataNames[metaHeader]:
		return path{{meta: metaHeader}}, nil
	}
	m := slices.Index(metadataNames[:], word)
	if m <= int(inPayload) {
		return nil, fmt.Errorf(`@%s is not @key, @header.NAME, @topic, @partition, @offset or @timestamp; `+
			`for a field of that name write $env["@%[1]s"]`, word)
	}
	return path{{meta: metadata(m)}}, nil
}

// isUnnamedHeader says that p is @header, which takes a name next.
func isUnnamedHeader(p path) bool { return p.is(metaHeader) && p[0].name == "" }

// memberOf is the path of a member or element of what p leads to.
func memberOf(p path, property ast.Node) (path, error) {
	var st step
	switch property := property.(type) {
	case *ast.StringNode:
		if strings.ContainsRune(property.Value, atSign) {
			return p, errors.New(`@ may only begin a name; for a field with it write it in quotes, as in a["@b"]`)
		}
		st = step{name: property.Value}
	case *ast.IntegerNode:
		st = step{index: property.Value}
	default:
		return p, errors.New("what stands in brackets must be a number or a quoted name")
	}
	switch {
	case st.name == "" && (st.index < 0 || st.index > math.MaxInt32):
		return p, fmt.Errorf("[%d] is not the index of an element such as [0]", st.index)
	case isUnnamedHeader(p) && st.name != "":
		return path{{meta: metaHeader, name: st.name}}, nil
	case p.isMetadata():
		return p, fmt.Errorf("%s has no fields", p)
	default:
		return append(slices.Clone(p), st), nil
	}
}
