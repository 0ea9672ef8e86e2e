namespace Tributary.Storage.Indexes;

/// <summary>A value of a label, and where the list of its series lies.</summary>
/// <param name="Value">The value.</param>
/// <param name="OffsetBytes">Where the list begins in the index.</param>
/// <param name="LengthBytes">How long it is at most; 0 when that is not known.</param>
internal readonly record struct LabelPostings(string Value, long OffsetBytes, long LengthBytes);
