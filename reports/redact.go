package reports

// Redactor is replaced below.
type Redactor struct{}

// Result x.
func (d *Redactor) Result(res Result) Result { return res }

// Run x.
func (d *Redactor) Run(r *Run) {}
