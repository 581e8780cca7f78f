// Package dc holds the nouns of the Domain Connect protocol: templates,
// their records, apply queries, the rules that an edition of the
// specification sets, and the closed list of error classes. It parses and
// prints them; what they do to a zone is the business of packages resolve,
// zone and sign.
package dc
