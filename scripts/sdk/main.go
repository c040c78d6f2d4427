// Turns the schema of a Pulumi package into its local SDK for Node.js, with Pulumi's own generator:
// what `pulumi package add` does, without the plugin that the schema came from.
//
//	sdk SCHEMA FOLDER TYPESCRIPT
//
// TYPESCRIPT is the range of compilers that the SDK asks npm for.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sdk SCHEMA FOLDER TYPESCRIPT")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(schemaFile, folder, typescript string) error {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return fmt.Errorf("%s: %w", schemaFile, err)
	}
	if err := setTypeScript(spec, typescript); err != nil {
		return fmt.Errorf("%s: %w", schemaFile, err)
	}
	// The schema refers to no other package, so nothing has to be loaded.
	bound, problems, err := schema.BindSpec(spec, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if problems.HasErrors() {
		return fmt.Errorf("%s: %w", schemaFile, problems)
	}
	// The head of every file names the tool; this is what Pulumi's own language host says.
	files, err := nodejs.GeneratePackage("pulumi-language-nodejs", bound, nil, nil, true, nil)
	if err != nil {
		return err
	}
	for name, content := range files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// setTypeScript sets an option of the generator. Without it the SDK asks for ^4.7.0, and npm would
// install a second compiler for it: npm 10 (10.9.9) applies no overrides to a folder's dependencies.
func setTypeScript(spec schema.PackageSpec, version string) error {
	options := map[string]any{}
	if err := json.Unmarshal(spec.Language["nodejs"], &options); err != nil {
		return err
	}
	options["typescriptVersion"] = version
	text, err := json.Marshal(options)
	spec.Language["nodejs"] = text
	return err
}
