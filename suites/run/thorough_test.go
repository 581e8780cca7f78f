//go:build !race

package run

// everyTemplate is which of a checkout's templates are certified: all.
const everyTemplate = 1
