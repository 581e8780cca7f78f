package target

import (
	"bytes"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// fieldPaths are the fields of Config by their place in the file, "[]" for an
// element of a list.
func fieldPaths() map[string]reflect.Type {
	paths := map[string]reflect.Type{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, path string) {
		switch {
		case typ.Kind() == reflect.Pointer:
			walk(typ.Elem(), path)
		case typ.Kind() == reflect.Slice:
			walk(typ.Elem(), path+"[]")
		case typ.Kind() == reflect.Struct && typ != secretType:
			for i := range typ.NumField() {
				if name := typ.Field(i).Tag.Get("yaml"); name != "-" {
					at := strings.TrimPrefix(path+"."+name, ".")
					paths[at] = typ.Field(i).Type
					walk(typ.Field(i).Type, at)
				}
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	return paths
}

// schemaPaths are the properties of the schema in the same way; free keys are
// left out, and those of claims are listed apart.
func schemaPaths(t *testing.T, root map[string]any) (paths, claimed []string) {
	t.Helper()
	var walk func(node map[string]any, path string)
	walk = func(node map[string]any, path string) {
		if ref, ok := node["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/$defs/")
			if name == "secret" || name == "claim" {
				return
			}
			walk(root["$defs"].(map[string]any)[name].(map[string]any), path)
		}
		if items, ok := node["items"].(map[string]any); ok {
			walk(items, path+"[]")
		}
		properties, _ := node["properties"].(map[string]any)
		for name, p := range properties {
			if path == "claims" {
				claimed = append(claimed, name)
				continue
			}
			at := strings.TrimPrefix(path+"."+name, ".")
			paths = append(paths, at)
			if d, _ := p.(map[string]any)["description"].(string); d == "" {
				t.Errorf("%s has no description", at)
			}
			walk(p.(map[string]any), at)
		}
		if len(properties) > 0 && node["additionalProperties"] != false {
			t.Errorf("%q lets unknown keys pass", path)
		}
	}
	walk(root, "")
	slices.Sort(paths)
	slices.Sort(claimed)
	return paths, claimed
}

func schemaDocument(t *testing.T) map[string]any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	return doc.(map[string]any)
}

func TestSchemaAndStructHaveTheSameFields(t *testing.T) {
	paths, claimed := schemaPaths(t, schemaDocument(t))
	if diff := cmp.Diff(slices.Sorted(maps.Keys(fieldPaths())), paths); diff != "" {
		t.Errorf("-struct +schema\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(claimNames())), claimed); diff != "" {
		t.Errorf("claims, -code +schema\n%s", diff)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("target.schema.json", schemaDocument(t)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("target.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func fitsSchema(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	var doc any
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func TestTheExampleFitsTheSchema(t *testing.T) {
	schema := compiled(t)
	text := strings.Replace(written(t, InitOptions{}), "edition: change-me", "edition: ietf-05", 1)
	if err := fitsSchema(t, schema, text); err != nil {
		t.Errorf("as written: %v", err)
	}
	all := commented.ReplaceAllString(text, "$1$2")
	if err := fitsSchema(t, schema, all); err != nil {
		t.Errorf("with every field: %v", err)
	}
	if err := fitsSchema(t, schema, strings.Replace(all, "edition: ietf-05", "edition: draft-04", 1)); err == nil {
		t.Error("an unknown edition fits the schema")
	}
}

// What the schema refuses, Load refuses: an editor must not mark red what runs.
// The other way round Load knows more.
func TestLoadRefusesWhatTheSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	if err := fitsSchema(t, schema, sound); err != nil {
		t.Fatalf("the control does not fit: %v", err)
	}
	seen := 0
	for _, bad := range refused {
		if bad.edit == nil {
			continue
		}
		var doc any
		text := bad.edit(sound)
		if yaml.Unmarshal([]byte(text), &doc) != nil || schema.Validate(doc) == nil {
			continue
		}
		seen++
		if _, err := Parse("target.yaml", []byte(text), WithEnv(environment)); err == nil {
			t.Errorf("%s: Load takes it and the schema does not", bad.name)
		}
	}
	if seen < 20 {
		t.Errorf("the schema refuses %d of the bad files only", seen)
	}
}
