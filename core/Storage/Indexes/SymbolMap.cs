namespace Tributary.Storage.Indexes;

/// <summary>From the symbols of one index to their numbers in a merged table.</summary>
internal sealed class SymbolMap
{
    private readonly List<uint> numbers = [];
    private readonly List<uint>? references;

    /// <summary>An empty map.</summary>
    /// <param name="byOffset">Whether symbols are named by offsets (version 1) and not by numbers.</param>
    public SymbolMap(bool byOffset) => references = byOffset ? [] : null;

    /// <summary>The number of a symbol.</summary>
    public uint this[uint reference]
    {
        get
        {
            var at = references is null ? (int)reference : references.BinarySearch(reference);
            return at >= 0 && at < numbers.Count
                ? numbers[at]
                : throw new ArgumentOutOfRangeException(nameof(reference), $"symbol {reference} is not in the table");
        }
    }

    /// <summary>Takes the next symbol.</summary>
    public void Add(uint reference, uint number)
    {
        references?.Add(reference);
        numbers.Add(number);
    }
}
