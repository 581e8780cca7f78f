package dc

// Text is a member's text by its JSON name, as the template has it: "" for one
// that is absent, that is no text, or that no edition defines (ietf-05 section
// 6.2, Table 1).
func (r *Record) Text(member string) string {
	switch member {
	case "type":
		return r.Type
	case "groupId":
		return r.GroupID
	case "essential":
		return r.Essential
	case "host":
		return r.Host
	case "name":
		return r.Name
	case "pointsTo":
		return r.PointsTo
	case "target":
		return r.Target
	case "data":
		return r.Data
	case "spfRules":
		return r.SPFRules
	case "ttl":
		return r.TTL
	case "priority":
		return r.Priority
	case "weight":
		return r.Weight
	case "port":
		return r.Port
	case "protocol":
		return r.Protocol
	case "service":
		return r.Service
	case "txtConflictMatchingMode":
		return r.TXTMode
	case "txtConflictMatchingPrefix":
		return r.TXTPrefix
	}
	return ""
}
