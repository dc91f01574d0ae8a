/// What an expression can call; operators included.
enum Function: UInt8, Sendable, CaseIterable {
    // Operators.
    case and, or, not, negate, conditional, substitute
    case add, subtract, multiply, divide, modulo
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case contained, index
    // Conversions and types.
    case toBool, toInt, toUInt, toDouble, toString, toBytes, toTimestamp, toDuration, toDyn, toType
    case size
    // Texts.
    case contains, startsWith, endsWith, matches
    case charAt, indexOf, lastIndexOf, join, lowerAscii, upperAscii, replace, split, substring, trim, reverse
    case format, quote
    // Times.
    case getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getFullYear, getHours, getMilliseconds
    case getMinutes, getMonth, getSeconds
    // Mathematics.
    case greatest, least, ceil, floor, round, trunc, abs, sign, isNaN, isInf, isFinite, sqrt
    case bitAnd, bitOr, bitXor, bitNot, bitShiftLeft, bitShiftRight
    // Encodings.
    case base64Decode, base64Encode
    // Addresses.
    case toIP, isIP, ipIsCanonical, toCIDR, isCIDR, family, isUnspecified, isLoopback, isGlobalUnicast
    case isLinkLocalMulticast, isLinkLocalUnicast, containsIP, containsCIDR, masked, prefixLength, isMask
    // Mixer's.
    case match, conditionalString, toURI, toDNSName, toEmail, emptyStringMap, toMilliseconds
}
