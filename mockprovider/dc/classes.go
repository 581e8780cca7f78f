package dc

// ErrorClasses lists every error class, in the order of their declaration.
func ErrorClasses() []ErrorClass {
	return []ErrorClass{
		ErrTemplate, ErrUnsupported, ErrRecordType, ErrRequest, ErrHostRequired, ErrGroup, ErrVariable,
		ErrName, ErrOutOfZone, ErrAddress, ErrNumber, ErrText, ErrSPF, ErrService, ErrURL, ErrData,
		ErrCoexist, ErrZone, ErrNotApplied, ErrInput,
	}
}
