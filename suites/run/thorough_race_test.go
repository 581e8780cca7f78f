//go:build race

package run

// everyTemplate is which of a checkout's templates are certified: under the
// race detector, which takes ten times as long, a sample.
const everyTemplate = 10
