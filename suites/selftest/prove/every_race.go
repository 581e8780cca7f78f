//go:build race

package prove

// every is which of the faults are tried: under the race detector, which takes
// ten times as long, a sample.
const every = 12
