namespace Tributary.Storage.Indexes;

/// <summary>A label by the symbols of its name and value; in version 2 numbers, whose order is that of the texts.</summary>
/// <param name="Name">The symbol of the name.</param>
/// <param name="Value">The symbol of the value.</param>
internal readonly record struct LabelRef(uint Name, uint Value) : IComparable<LabelRef>
{
    /// <summary>Both in one number, which orders as name, then value.</summary>
    public ulong Key => ((ulong)Name << 32) | Value;

    /// <inheritdoc/>
    public int CompareTo(LabelRef other) => Key.CompareTo(other.Key);

    /// <summary>The order of series by their labels: label by label, a prefix first.</summary>
    public static int Compare(ReadOnlySpan<LabelRef> left, ReadOnlySpan<LabelRef> right)
    {
        var common = left.CommonPrefixLength(right);
        return common == left.Length || common == right.Length
            ? left.Length.CompareTo(right.Length)
            : left[common].CompareTo(right[common]);
    }
}
