package build

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// every is one of each kind of value that is kept.
func every() []coded {
	return []coded{&keptRecords{}, &placements{}, &asked{}, &sealedTexts{}, &bundled{}, &keptPicture{}, &shape{}}
}

// fill puts something else into every field that can be seen, so that one that
// is left out by code shows.
func fill(v reflect.Value, next *int) {
	*next++
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(int64(*next), int64(*next)).UTC()))
		return
	case v.Type() == reflect.TypeFor[sum]():
		var s sum
		binary.BigEndian.PutUint64(s[:], uint64(*next))
		v.Set(reflect.ValueOf(s))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), next)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), next)
			}
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 3 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, next)
			fill(value, next)
			v.SetMapIndex(key, value)
		}
	case reflect.Slice:
		if *next > 2000 && v.Type().Elem().Kind() == reflect.Struct { // a picture has smaller ones
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		*next += 500
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *next))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(*next % 256))
	default:
		v.SetInt(int64(*next) * int64(1-2*(*next%2)))
	}
}

func TestCoding(t *testing.T) {
	unseen := cmp.Options{cmpopts.IgnoreUnexported(record{}), cmpopts.EquateEmpty()}
	for _, v := range every() {
		t.Run(fmt.Sprintf("%T", v), func(t *testing.T) {
			again := reflect.New(reflect.TypeOf(v).Elem()).Interface().(coded)
			if !decoded(string(encoded(v, 0)), again) || !cmp.Equal(v, again, unseen) {
				t.Errorf("nothing came back as another: %s", cmp.Diff(v, again, unseen))
			}
			next := 0
			fill(reflect.ValueOf(v).Elem(), &next)
			text := string(encoded(v, 0))
			if !decoded(text, again) {
				t.Fatal("what was written cannot be read")
			}
			if diff := cmp.Diff(v, again, unseen); diff != "" {
				t.Errorf("something else came back: %s", diff)
			}
			if room := encoded(v, 28); cap(room) < len(text)+28 {
				t.Errorf("there is no room behind %d bytes of %d", len(text), cap(room))
			}
			if string(encoded(v, 0)) != text {
				t.Error("it is not written the same twice")
			}
			for i := range text {
				half := reflect.New(reflect.TypeOf(v).Elem()).Interface().(coded)
				if decoded(text[:i], half) {
					t.Fatalf("%d of %d bytes pass for the whole", i, len(text))
				}
			}
			if decoded(text+"\x00", again) {
				t.Error("more than the whole passes for it")
			}
		})
	}
}

func TestCodingNumbers(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, math.MaxInt64, math.MinInt64} {
		c := coding{}
		codeNumber(&c, &n)
		var got int64
		c = coding{rest: string(c.written), reading: true}
		if codeNumber(&c, &got); got != n || c.failed || c.rest != "" {
			t.Errorf("%d came back as %d", n, got)
		}
	}
	zero, got := time.Time{}, time.Now()
	c := coding{}
	c.time(&zero)
	c = coding{rest: string(c.written), reading: true}
	if c.time(&got); !got.IsZero() {
		t.Errorf("no time came back as %v", got)
	}
}

// FuzzDecoding reads what nobody wrote: it may be refused, and no more.
func FuzzDecoding(f *testing.F) {
	for kind, v := range every() {
		next := 0
		fill(reflect.ValueOf(v).Elem(), &next)
		f.Add(kind, encoded(v, 0))
	}
	f.Fuzz(func(t *testing.T, kind int, data []byte) {
		all := every()
		v := all[uint(kind)%uint(len(all))]
		if decoded(string(data), v) && !decoded(string(encoded(v, 0)), v) {
			t.Error("what was read cannot be written and read again")
		}
	})
}
