package reports

import _ "embed"

// SchemaVersion is the version of the format of report.json. It rises when a
// reader of the older version would misunderstand a newer report.
const SchemaVersion = 1

// Schema is the JSON Schema (2020-12) of report.json.
//
//go:embed schema/report.schema.json
var Schema []byte
