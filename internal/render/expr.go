package render

import (
	"errors"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// expr is a value of a type that is known before it is evaluated.
type expr struct {
	typ  reflect.Type
	eval func(s *state, dot reflect.Value) (reflect.Value, error)
	// text evaluates a text without making a reflect.Value of it, where that
	// can be had.
	text func(s *state, dot reflect.Value) (string, error)
}

var errNil = errors.New("a value is missing (nil pointer)")

func constant(v any) *expr {
	value := reflect.ValueOf(v)
	return &expr{typ: value.Type(), eval: func(*state, reflect.Value) (reflect.Value, error) { return value, nil }}
}

// splitEscapers cuts a pipeline before the escapers that html/template put at
// its end.
func splitEscapers(cmds []*parse.CommandNode) (values []*parse.CommandNode, escapers []string) {
	for i, cmd := range cmds {
		if id, ok := cmd.Args[0].(*parse.IdentifierNode); ok && strings.HasPrefix(id.Ident, "_html_template_") {
			for _, rest := range cmds[i:] {
				if id, ok := rest.Args[0].(*parse.IdentifierNode); ok {
					escapers = append(escapers, id.Ident)
				}
			}
			return cmds[:i], escapers
		}
	}
	return cmds, nil
}

// pipeline of one command; more are for html/template.
func (c *compiler) pipeline(cmds []*parse.CommandNode, dot reflect.Type) (*expr, error) {
	if len(cmds) != 1 {
		return nil, errUnknown
	}
	return c.command(cmds[0], dot)
}

func (c *compiler) command(cmd *parse.CommandNode, dot reflect.Type) (*expr, error) {
	args := cmd.Args[1:]
	switch n := cmd.Args[0].(type) {
	case *parse.IdentifierNode:
		return c.function(n.Ident, args, dot)
	case *parse.FieldNode:
		return c.fields(self(dot), n.Ident, args, dot)
	case *parse.VariableNode:
		v, err := c.variable(n.Ident[0])
		if err != nil {
			return nil, err
		}
		return c.fields(v, n.Ident[1:], args, dot)
	case *parse.ChainNode:
		v, err := c.argument(n.Node, dot)
		if err != nil {
			return nil, err
		}
		return c.fields(v, n.Field, args, dot)
	}
	if len(args) > 0 {
		return nil, errUnknown
	}
	return c.argument(cmd.Args[0], dot)
}

func self(dot reflect.Type) *expr {
	return &expr{typ: dot, eval: func(_ *state, dot reflect.Value) (reflect.Value, error) { return dot, nil }}
}

func (c *compiler) variable(name string) (*expr, error) {
	for i := len(c.vars) - 1; i >= 0; i-- {
		if c.vars[i].name == name {
			slot := i
			return &expr{typ: c.vars[i].typ, eval: func(s *state, _ reflect.Value) (reflect.Value, error) { return s.vars[s.base+slot], nil }}, nil
		}
	}
	return nil, errUnknown
}

// argument is a value as an argument, without arguments of its own.
func (c *compiler) argument(n parse.Node, dot reflect.Type) (*expr, error) {
	switch n := n.(type) {
	case *parse.DotNode:
		return self(dot), nil
	case *parse.FieldNode:
		return c.fields(self(dot), n.Ident, nil, dot)
	case *parse.VariableNode:
		v, err := c.variable(n.Ident[0])
		if err != nil {
			return nil, err
		}
		return c.fields(v, n.Ident[1:], nil, dot)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return nil, errUnknown
		}
		return c.pipeline(n.Cmds, dot)
	case *parse.ChainNode:
		v, err := c.argument(n.Node, dot)
		if err != nil {
			return nil, err
		}
		return c.fields(v, n.Field, nil, dot)
	case *parse.StringNode:
		return constant(n.Text), nil
	case *parse.BoolNode:
		return constant(n.True), nil
	case *parse.NumberNode:
		if n.IsInt {
			return constant(int(n.Int64)), nil
		}
	}
	return nil, errUnknown
}

// fields follows .A.B.C; args go to the last, which then is a method.
func (c *compiler) fields(from *expr, names []string, args []parse.Node, dot reflect.Type) (*expr, error) {
	for i, name := range names {
		var last []parse.Node
		if i == len(names)-1 {
			last = args
		}
		next, err := c.member(from, name, last, dot)
		if err != nil {
			return nil, err
		}
		from = next
	}
	if len(names) == 0 && len(args) > 0 {
		return nil, errUnknown
	}
	return from, nil
}

// translator is the one method that a page calls a hundred times.
type translator interface{ T(key string) string }

var translatorType = reflect.TypeFor[translator]()

func (c *compiler) member(from *expr, name string, args []parse.Node, dot reflect.Type) (*expr, error) {
	t := from.typ
	if t.Kind() == reflect.Interface {
		return nil, errUnknown
	}
	method, ok := t.MethodByName(name)
	onPointer := false
	if !ok && t.Kind() != reflect.Pointer {
		method, ok = reflect.PointerTo(t).MethodByName(name)
		onPointer = ok
	}
	if ok {
		if name == "T" && len(args) == 1 && t.Implements(translatorType) && t.Kind() == reflect.Pointer {
			if word, isText := args[0].(*parse.StringNode); isText {
				return translate(from, word.Text), nil
			}
		}
		return c.method(from, method, onPointer, args, dot)
	}
	if len(args) > 0 {
		return nil, errUnknown
	}
	pointer := t.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil, errUnknown
	}
	field, ok := t.FieldByName(name)
	if !ok || !field.IsExported() || len(field.Index) != 1 {
		return nil, errUnknown
	}
	index, eval := field.Index[0], from.eval
	return &expr{typ: field.Type, eval: func(s *state, dot reflect.Value) (reflect.Value, error) {
		v, err := eval(s, dot)
		if err != nil {
			return v, err
		}
		if pointer {
			if v.IsNil() {
				return v, fmt.Errorf(".%s: %w", name, errNil)
			}
			v = v.Elem()
		}
		return v.Field(index), nil
	}}, nil
}

func translate(from *expr, word string) *expr {
	eval := from.eval
	say := func(s *state, dot reflect.Value) (string, error) {
		v, err := eval(s, dot)
		if err != nil {
			return "", err
		}
		if v.IsNil() {
			return "", fmt.Errorf(".T: %w", errNil)
		}
		return v.Interface().(translator).T(word), nil
	}
	return &expr{typ: reflect.TypeFor[string](), text: say, eval: func(s *state, dot reflect.Value) (reflect.Value, error) {
		text, err := say(s, dot)
		return reflect.ValueOf(text), err
	}}
}

// method calls a method of fixed arguments that returns a value, or a value
// and an error.
func (c *compiler) method(from *expr, m reflect.Method, onPointer bool, args []parse.Node, dot reflect.Type) (*expr, error) {
	t := m.Type
	if t.IsVariadic() || t.NumIn() != len(args)+1 || t.NumOut() == 0 || t.NumOut() > 2 {
		return nil, errUnknown
	}
	values := make([]*expr, len(args))
	for i, a := range args {
		v, err := c.argument(a, dot)
		if err != nil {
			return nil, err
		}
		if v.typ != t.In(i+1) {
			return nil, errUnknown
		}
		values[i] = v
	}
	index := m.Index
	return &expr{typ: t.Out(0), eval: func(s *state, dot reflect.Value) (reflect.Value, error) {
		v, err := from.eval(s, dot)
		if err != nil {
			return v, err
		}
		if onPointer {
			if !v.CanAddr() {
				return v, fmt.Errorf(".%s needs a value with an address", m.Name)
			}
			v = v.Addr()
		} else if v.Kind() == reflect.Pointer && v.IsNil() {
			return v, fmt.Errorf(".%s: %w", m.Name, errNil)
		}
		in := make([]reflect.Value, len(values))
		for i, a := range values {
			if in[i], err = a.eval(s, dot); err != nil {
				return v, err
			}
		}
		out := v.Method(index).Call(in)
		if len(out) == 2 && !out[1].IsNil() {
			return out[0], out[1].Interface().(error)
		}
		return out[0], nil
	}}, nil
}

// function is one of the few built-in functions that layouts need.
func (c *compiler) function(name string, args []parse.Node, dot reflect.Type) (*expr, error) {
	switch name {
	case "len":
		if len(args) != 1 {
			return nil, errUnknown
		}
		v, err := c.argument(args[0], dot)
		if err != nil {
			return nil, err
		}
		if k := v.typ.Kind(); k != reflect.Slice && k != reflect.Array && k != reflect.String {
			return nil, errUnknown
		}
		return &expr{typ: reflect.TypeFor[int](), eval: func(s *state, dot reflect.Value) (reflect.Value, error) {
			x, err := v.eval(s, dot)
			if err != nil {
				return x, err
			}
			return reflect.ValueOf(x.Len()), nil
		}}, nil
	case "eq", "ne", "lt", "le", "gt", "ge", "not":
		test, err := c.test(name, args, dot)
		if err != nil {
			return nil, err
		}
		return &expr{typ: reflect.TypeFor[bool](), eval: func(s *state, dot reflect.Value) (reflect.Value, error) {
			ok, err := test(s, dot)
			return reflect.ValueOf(ok), err
		}}, nil
	}
	return nil, errUnknown
}

// test decides an {{if}}.
type test func(s *state, dot reflect.Value) (bool, error)

func (c *compiler) truth(cmds []*parse.CommandNode, dot reflect.Type) (test, error) {
	if len(cmds) != 1 {
		return nil, errUnknown
	}
	if id, ok := cmds[0].Args[0].(*parse.IdentifierNode); ok {
		if t, err := c.test(id.Ident, cmds[0].Args[1:], dot); err == nil {
			return t, nil
		}
	}
	v, err := c.command(cmds[0], dot)
	if err != nil {
		return nil, err
	}
	return testOf(v)
}

func testOf(v *expr) (test, error) {
	isTrue, ok := truthOf(v.typ)
	if !ok {
		return nil, errUnknown
	}
	return func(s *state, dot reflect.Value) (bool, error) {
		x, err := v.eval(s, dot)
		return err == nil && isTrue(x), err
	}, nil
}

// truthOf is what {{if}} makes of values of a type.
func truthOf(t reflect.Type) (func(reflect.Value) bool, bool) {
	switch t.Kind() {
	case reflect.Bool:
		return reflect.Value.Bool, true
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return func(v reflect.Value) bool { return v.Len() > 0 }, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) bool { return v.Int() != 0 }, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(v reflect.Value) bool { return v.Uint() != 0 }, true
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }, true
	case reflect.Struct:
		return func(reflect.Value) bool { return true }, true
	}
	return nil, false
}

func (c *compiler) test(name string, args []parse.Node, dot reflect.Type) (test, error) {
	switch name {
	case "not":
		if len(args) != 1 {
			return nil, errUnknown
		}
		inner, err := c.truthOfArgument(args[0], dot)
		if err != nil {
			return nil, err
		}
		return func(s *state, dot reflect.Value) (bool, error) {
			ok, err := inner(s, dot)
			return !ok, err
		}, nil
	case "and", "or":
		return c.junction(name == "and", args, dot)
	case "eq", "ne", "lt", "le", "gt", "ge":
		return c.comparison(name, args, dot)
	}
	return nil, errUnknown
}

func (c *compiler) truthOfArgument(n parse.Node, dot reflect.Type) (test, error) {
	if p, ok := n.(*parse.PipeNode); ok && len(p.Decl) == 0 {
		return c.truth(p.Cmds, dot)
	}
	v, err := c.argument(n, dot)
	if err != nil {
		return nil, err
	}
	return testOf(v)
}

// junction is and, or or, which stop at the first argument that decides.
func (c *compiler) junction(all bool, args []parse.Node, dot reflect.Type) (test, error) {
	if len(args) == 0 {
		return nil, errUnknown
	}
	tests := make([]test, len(args))
	for i, a := range args {
		t, err := c.truthOfArgument(a, dot)
		if err != nil {
			return nil, err
		}
		tests[i] = t
	}
	return func(s *state, dot reflect.Value) (bool, error) {
		for _, t := range tests {
			ok, err := t(s, dot)
			if err != nil || ok != all {
				return ok, err
			}
		}
		return all, nil
	}, nil
}

func (c *compiler) comparison(name string, args []parse.Node, dot reflect.Type) (test, error) {
	if len(args) != 2 {
		return nil, errUnknown
	}
	a, err := c.argument(args[0], dot)
	if err != nil {
		return nil, err
	}
	b, err := c.argument(args[1], dot)
	if err != nil {
		return nil, err
	}
	order, err := ordering(a.typ, b.typ)
	if err != nil || a.typ.Kind() == reflect.Bool && name != "eq" && name != "ne" {
		return nil, errUnknown
	}
	holds := map[string]func(int) bool{
		"eq": func(o int) bool { return o == 0 }, "ne": func(o int) bool { return o != 0 },
		"lt": func(o int) bool { return o < 0 }, "le": func(o int) bool { return o <= 0 },
		"gt": func(o int) bool { return o > 0 }, "ge": func(o int) bool { return o >= 0 },
	}[name]
	return func(s *state, dot reflect.Value) (bool, error) {
		x, err := a.eval(s, dot)
		if err != nil {
			return false, err
		}
		y, err := b.eval(s, dot)
		return err == nil && holds(order(x, y)), err
	}, nil
}

// ordering of two values of like kinds.
func ordering(a, b reflect.Type) (func(x, y reflect.Value) int, error) {
	switch {
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) }, nil
	case isInt(a) && isInt(b):
		return func(x, y reflect.Value) int {
			switch {
			case x.Int() < y.Int():
				return -1
			case x.Int() > y.Int():
				return 1
			}
			return 0
		}, nil
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return func(x, y reflect.Value) int {
			if x.Bool() == y.Bool() {
				return 0
			}
			return 1
		}, nil
	}
	return nil, errUnknown
}

func isInt(t reflect.Type) bool {
	k := t.Kind()
	return k >= reflect.Int && k <= reflect.Int64
}

var (
	htmlType     = reflect.TypeFor[template.HTML]()
	urlType      = reflect.TypeFor[template.URL]()
	srcsetType   = reflect.TypeFor[template.Srcset]()
	stringerType = reflect.TypeFor[fmt.Stringer]()
	errorType    = reflect.TypeFor[error]()
)

// output writes a value through the escapers that html/template chose for its
// place. Types that html/template treats in a way of its own, and contexts
// such as scripts and styles, are left to it.
func output(v *expr, escapers []string) (op, error) {
	t := v.typ
	special := t.Kind() == reflect.String && t.PkgPath() == htmlType.PkgPath() && t != htmlType && t != urlType && t != srcsetType
	if special || t.Implements(stringerType) || t.Implements(errorType) || reflect.PointerTo(t).Implements(stringerType) {
		return nil, errUnknown
	}
	if !isInt(t) && t.Kind() != reflect.String {
		return nil, errUnknown
	}
	escape, err := escaperFor(t, strings.Join(escapers, " "))
	if err != nil {
		return nil, err
	}
	eval := v.eval
	if isInt(t) {
		return func(s *state, dot reflect.Value) error {
			x, err := eval(s, dot)
			if err == nil {
				s.buf = strconv.AppendInt(s.buf, x.Int(), 10)
			}
			return err
		}, nil
	}
	if say := v.text; say != nil {
		return func(s *state, dot reflect.Value) error {
			text, err := say(s, dot)
			if err == nil {
				s.buf = escape(s.buf, text)
			}
			return err
		}, nil
	}
	return func(s *state, dot reflect.Value) error {
		x, err := eval(s, dot)
		if err == nil {
			s.buf = escape(s.buf, x.String())
		}
		return err
	}, nil
}

func escaperFor(t reflect.Type, chain string) (func([]byte, string) []byte, error) {
	switch chain {
	case "_html_template_htmlescaper":
		if t == htmlType {
			return func(dst []byte, s string) []byte { return append(dst, s...) }, nil
		}
		return appendHTML, nil
	case "_html_template_rcdataescaper", "_html_template_attrescaper":
		if t == htmlType {
			return nil, errUnknown
		}
		return appendHTML, nil
	case "_html_template_urlfilter _html_template_urlnormalizer _html_template_attrescaper":
		switch t {
		case htmlType:
			return nil, errUnknown
		case urlType:
			return appendURL, nil
		}
		return func(dst []byte, s string) []byte {
			if !safeURL(s) {
				return append(dst, unsafeURL...)
			}
			return appendURL(dst, s)
		}, nil
	case "_html_template_urlnormalizer _html_template_attrescaper":
		if t == htmlType {
			return nil, errUnknown
		}
		return appendURL, nil
	case "_html_template_urlescaper _html_template_attrescaper":
		if t == htmlType || t == urlType {
			return nil, errUnknown
		}
		return appendURLPart, nil
	case "_html_template_srcsetescaper _html_template_attrescaper":
		if t == srcsetType {
			return appendHTML, nil
		}
	}
	return nil, errUnknown
}
