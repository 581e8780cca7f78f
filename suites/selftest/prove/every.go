//go:build !race

package prove

// every is which of the faults are tried: all.
const every = 1
