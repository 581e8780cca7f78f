package reports

// Line is a foreign text in one line, for a terminal: it cannot move the
// cursor, colour the screen or reverse the direction of writing.
func Line(s string) string { return printableLine(show(s)) }

// Markdown is a foreign text as prose in Markdown: words in which a character
// could mean something (markup, a mention, an issue, a link) stand as code.
func Markdown(s string) string { return mdText(s) }

// MarkdownCode is a foreign text as code in Markdown, in one line.
func MarkdownCode(s string) string { return mdCode(s) }

// Abridged is s, cut to about n bytes with an ellipsis where it is longer.
func Abridged(s string, n int) string { return shorten(s, n) }

// Sentence is a foreign text in one line that begins and ends like a sentence.
func Sentence(s string) string { return sentence(s) }
