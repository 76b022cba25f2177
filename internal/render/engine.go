package render

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"sync"
	"text/template/parse"
)

// engine runs html/template layouts. html/template works out, once, how each
// value has to be escaped where it stands; the escaped tree, with the types of
// the data known, is then compiled to closures, which give the same bytes in a
// fraction of the time. A template that uses what the compiler does not know
// is run by html/template itself.
type engine struct {
	set      *template.Template
	compiled map[key]*program
	// variables are rooms for those of a run: each link in a text is one.
	variables sync.Pool
}

// key of a program: a template is compiled for the type of its data.
type key struct {
	name string
	data reflect.Type
}

// program is a template for one type of data.
type program struct {
	name string
	// run is nil where html/template has to do it.
	run op
	// slots is how many variables it needs.
	slots int
}

// op writes a part of a page.
type op func(s *state, dot reflect.Value) error

// state of one run. Each template that is called has its variables at the end
// of vars, from base on.
type state struct {
	buf  []byte
	vars []reflect.Value
	base int
}

// enter makes room for a template's variables; the first is $.
func (s *state) enter(p *program, dot reflect.Value) (base int) {
	base = s.base
	s.base = len(s.vars)
	for range p.slots {
		s.vars = append(s.vars, reflect.Value{})
	}
	s.vars[s.base] = dot
	return base
}

func (s *state) leave(base int) {
	s.vars = s.vars[:s.base]
	s.base = base
}

// errUnknown is what the compiler does not know.
var errUnknown = errors.New("not compiled")

// Breaks and continues travel as errors, as far as the range they belong to.
var errBreak, errContinue = errors.New("break"), errors.New("continue")

// newEngine takes templates by name. types says what data each of those that
// are run from outside gets.
func newEngine(sources map[string]string, types map[string]reflect.Type) (*engine, error) {
	set := template.New("").Option("missingkey=error")
	for _, name := range sortedKeys(sources) {
		if _, err := set.New(name).Parse(sources[name]); err != nil {
			return nil, fmt.Errorf("layout %s", trimTemplate(err))
		}
	}
	e := &engine{set: set, compiled: map[key]*program{}}
	for _, name := range sortedKeys(types) {
		t := set.Lookup(name)
		if t == nil {
			return nil, fmt.Errorf("there is no layout %s", name)
		}
		// Running a template makes html/template escape it. Without data it
		// fails soon after, which does not matter; a mistake in escaping does.
		var bad *template.Error
		if err := t.Execute(io.Discard, nil); errors.As(err, &bad) {
			return nil, fmt.Errorf("layout %s", trimTemplate(err))
		}
		e.compile(name, types[name])
	}
	return e, nil
}

// trimTemplate takes html/template's own name out of an error.
func trimTemplate(err error) string {
	s := err.Error()
	for _, prefix := range []string{"html/template:", "template: "} {
		if len(s) > len(prefix) && s[:len(prefix)] == prefix {
			s = s[len(prefix):]
		}
	}
	return s
}

// execute appends a template's output to dst. data must be a pointer of the
// type that the template was compiled for.
func (e *engine) execute(dst []byte, name string, data any) ([]byte, error) {
	v := reflect.ValueOf(data)
	p := e.compiled[key{name, v.Type()}]
	if p == nil || p.run == nil {
		return e.slow(dst, name, data)
	}
	s, _ := e.variables.Get().(*state)
	if s == nil {
		s = &state{vars: make([]reflect.Value, 0, 32)}
	}
	defer e.variables.Put(s)
	s.buf = dst
	s.enter(p, v)
	err := p.run(s, v)
	html := s.buf
	clear(s.vars[:cap(s.vars)])
	*s = state{vars: s.vars[:0]} // it keeps no page in memory
	if err != nil {
		return dst, fmt.Errorf("layout %s: %w", name, err)
	}
	return html, nil
}

// slow runs a template as html/template does.
func (e *engine) slow(dst []byte, name string, data any) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	if err := e.set.ExecuteTemplate(b, name, data); err != nil {
		return dst, fmt.Errorf("layout %s", trimTemplate(err))
	}
	return b.Bytes(), nil
}

// compile a template for a type of data. A template that calls itself finds
// the program that is still being made.
func (e *engine) compile(name string, data reflect.Type) *program {
	k := key{name, data}
	if p := e.compiled[k]; p != nil {
		return p
	}
	p := &program{name: name}
	e.compiled[k] = p
	t := e.set.Lookup(name)
	if t == nil || t.Tree == nil {
		return p
	}
	c := &compiler{engine: e, vars: []variable{{"$", data}}, slots: 1}
	run, err := c.list(t.Tree.Root, data)
	if err == nil {
		p.run, p.slots = run, c.slots
	}
	return p
}

// Interpreted are the templates that html/template has to run: a theme's
// author may want to know.
func (e *engine) interpreted() []string {
	seen := map[string]bool{}
	for k, p := range e.compiled {
		if p.run == nil {
			seen[k.name] = true
		}
	}
	return sortedKeys(seen)
}

// compiler turns one template's tree into closures.
type compiler struct {
	engine *engine
	vars   []variable // those in scope
	slots  int
	depth  int // of ranges around
}

type variable struct {
	name string
	typ  reflect.Type
}

func (c *compiler) list(n *parse.ListNode, dot reflect.Type) (op, error) {
	if n == nil {
		return func(*state, reflect.Value) error { return nil }, nil
	}
	inScope := len(c.vars)
	defer func() { c.vars = c.vars[:inScope] }()
	var ops []op
	for _, child := range n.Nodes {
		o, err := c.node(child, dot)
		if err != nil {
			return nil, err
		}
		if o != nil {
			ops = append(ops, o)
		}
	}
	if len(ops) == 1 {
		return ops[0], nil
	}
	return func(s *state, dot reflect.Value) error {
		for _, o := range ops {
			if err := o(s, dot); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func (c *compiler) node(n parse.Node, dot reflect.Type) (op, error) {
	switch n := n.(type) {
	case *parse.TextNode:
		text := n.Text
		return func(s *state, _ reflect.Value) error { s.buf = append(s.buf, text...); return nil }, nil
	case *parse.CommentNode:
		return nil, nil
	case *parse.ActionNode:
		return c.action(n.Pipe, dot)
	case *parse.IfNode:
		return c.ifElse(&n.BranchNode, dot)
	case *parse.WithNode:
		return c.with(&n.BranchNode, dot)
	case *parse.RangeNode:
		return c.loop(&n.BranchNode, dot)
	case *parse.TemplateNode:
		return c.call(n, dot)
	case *parse.BreakNode:
		return func(*state, reflect.Value) error { return errBreak }, nil
	case *parse.ContinueNode:
		return func(*state, reflect.Value) error { return errContinue }, nil
	}
	return nil, errUnknown
}

// action is {{pipeline}}, or {{$x := pipeline}}.
func (c *compiler) action(p *parse.PipeNode, dot reflect.Type) (op, error) {
	if len(p.Decl) > 0 {
		set, _, err := c.declare(p, dot)
		return set, err
	}
	cmds, escapers := splitEscapers(p.Cmds)
	value, err := c.pipeline(cmds, dot)
	if err != nil {
		return nil, err
	}
	return output(value, escapers)
}

// declare compiles an assignment to one variable and returns its value's type.
func (c *compiler) declare(p *parse.PipeNode, dot reflect.Type) (op, *expr, error) {
	if len(p.Decl) != 1 || len(p.Decl[0].Ident) != 1 {
		return nil, nil, errUnknown
	}
	value, err := c.pipeline(p.Cmds, dot)
	if err != nil {
		return nil, nil, err
	}
	name := p.Decl[0].Ident[0]
	slot := -1
	if p.IsAssign {
		for i := len(c.vars) - 1; i >= 0; i-- {
			if c.vars[i].name == name {
				slot = i
				break
			}
		}
		if slot < 0 || c.vars[slot].typ != value.typ {
			return nil, nil, errUnknown
		}
	} else {
		slot = c.add(name, value.typ)
	}
	return func(s *state, dot reflect.Value) error {
		v, err := value.eval(s, dot)
		s.vars[s.base+slot] = v
		return err
	}, value, nil
}

func (c *compiler) add(name string, t reflect.Type) int {
	c.vars = append(c.vars, variable{name, t})
	c.slots = max(c.slots, len(c.vars))
	return len(c.vars) - 1
}

func (c *compiler) ifElse(n *parse.BranchNode, dot reflect.Type) (op, error) {
	inScope := len(c.vars)
	defer func() { c.vars = c.vars[:inScope] }()
	if len(n.Pipe.Decl) > 0 {
		return nil, errUnknown
	}
	test, err := c.truth(n.Pipe.Cmds, dot)
	if err != nil {
		return nil, err
	}
	yes, err := c.list(n.List, dot)
	if err != nil {
		return nil, err
	}
	no, err := c.list(n.ElseList, dot)
	if err != nil {
		return nil, err
	}
	return func(s *state, dot reflect.Value) error {
		ok, err := test(s, dot)
		switch {
		case err != nil:
			return err
		case ok:
			return yes(s, dot)
		}
		return no(s, dot)
	}, nil
}

// with is {{with pipeline}} and {{with $x := pipeline}}.
func (c *compiler) with(n *parse.BranchNode, dot reflect.Type) (op, error) {
	inScope := len(c.vars)
	defer func() { c.vars = c.vars[:inScope] }()
	value, err := c.pipeline(n.Pipe.Cmds, dot)
	if err != nil {
		return nil, err
	}
	slot := -1
	if len(n.Pipe.Decl) == 1 && !n.Pipe.IsAssign {
		slot = c.add(n.Pipe.Decl[0].Ident[0], value.typ)
	} else if len(n.Pipe.Decl) > 0 {
		return nil, errUnknown
	}
	isTrue, ok := truthOf(value.typ)
	if !ok {
		return nil, errUnknown
	}
	yes, err := c.list(n.List, value.typ)
	if err != nil {
		return nil, err
	}
	c.vars = c.vars[:inScope]
	no, err := c.list(n.ElseList, dot)
	if err != nil {
		return nil, err
	}
	return func(s *state, dot reflect.Value) error {
		v, err := value.eval(s, dot)
		if err != nil {
			return err
		}
		if !isTrue(v) {
			return no(s, dot)
		}
		if slot >= 0 {
			s.vars[s.base+slot] = v
		}
		return yes(s, v)
	}, nil
}

// loop is {{range}} over a slice or an array.
func (c *compiler) loop(n *parse.BranchNode, dot reflect.Type) (op, error) {
	inScope := len(c.vars)
	defer func() { c.vars = c.vars[:inScope] }()
	value, err := c.pipeline(n.Pipe.Cmds, dot)
	if err != nil {
		return nil, err
	}
	if k := value.typ.Kind(); k != reflect.Slice && k != reflect.Array || n.Pipe.IsAssign || len(n.Pipe.Decl) > 2 {
		return nil, errUnknown
	}
	index, element := -1, -1
	switch decl := n.Pipe.Decl; len(decl) {
	case 1:
		element = c.add(decl[0].Ident[0], value.typ.Elem())
	case 2:
		index = c.add(decl[0].Ident[0], reflect.TypeFor[int]())
		element = c.add(decl[1].Ident[0], value.typ.Elem())
	}
	body, err := c.list(n.List, value.typ.Elem())
	if err != nil {
		return nil, err
	}
	c.vars = c.vars[:inScope]
	none, err := c.list(n.ElseList, dot)
	if err != nil {
		return nil, err
	}
	return func(s *state, dot reflect.Value) error {
		list, err := value.eval(s, dot)
		if err != nil {
			return err
		}
		count := list.Len()
		if count == 0 {
			return none(s, dot)
		}
		for i := range count {
			v := list.Index(i)
			if index >= 0 {
				s.vars[s.base+index] = reflect.ValueOf(i)
			}
			if element >= 0 {
				s.vars[s.base+element] = v
			}
			switch err := body(s, v); err {
			case nil, errContinue:
			case errBreak:
				return nil
			default:
				return err
			}
		}
		return nil
	}, nil
}

// call is {{template "name" pipeline}}.
func (c *compiler) call(n *parse.TemplateNode, dot reflect.Type) (op, error) {
	if n.Pipe == nil || len(n.Pipe.Decl) > 0 {
		return nil, errUnknown
	}
	value, err := c.pipeline(n.Pipe.Cmds, dot)
	if err != nil {
		return nil, err
	}
	e, name := c.engine, n.Name
	if t := e.set.Lookup(name); t == nil || t.Tree == nil {
		// A template that html/template made for another context than text.
		return nil, errUnknown
	}
	p := e.compile(name, value.typ)
	return func(s *state, dot reflect.Value) error {
		v, err := value.eval(s, dot)
		if err != nil {
			return err
		}
		if p.run == nil {
			s.buf, err = e.slow(s.buf, name, v.Interface())
			return err
		}
		base := s.enter(p, v)
		err = p.run(s, v)
		s.leave(base)
		return err
	}, nil
}
