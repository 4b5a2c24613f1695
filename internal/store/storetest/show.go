package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// show writes a value so that two can be compared by eye: what pointers point to, not where.
func show(v any) string {
	if b, err := json.Marshal(v); err == nil && string(b) != "{}" && string(b) != "[{}]" {
		if len(b) > 4000 {
			return fmt.Sprintf("%s... (%d bytes)", b[:4000], len(b))
		}
		return string(b)
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		return fmt.Sprintf("%+v", r.Elem())
	}
	return fmt.Sprintf("%+v", v)
}
