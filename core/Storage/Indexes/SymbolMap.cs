namespace Tributary.Storage.Indexes;

/// <summary>From the symbols of one index to their numbers in a merged table; 4 bytes a symbol, 8 in version 1.</summary>
/// <param name="count">How many symbols the index has.</param>
/// <param name="byOffset">Whether symbols are named by offsets (version 1) and not by numbers.</param>
internal sealed class SymbolMap(int count, bool byOffset)
{
    private readonly uint[] numbers = new uint[count];
    private readonly uint[]? references = byOffset ? new uint[count] : null;
    private int added;

    /// <summary>The number of a symbol; false when the index has no such symbol.</summary>
    public bool TryFind(uint reference, out uint number)
    {
        var at = references is null ? reference : (uint)Array.BinarySearch(references, 0, added, reference);
        number = at < (uint)added ? numbers[at] : 0;
        return at < (uint)added;
    }

    /// <summary>Takes the next symbol.</summary>
    public void Add(uint reference, uint number)
    {
        references?[added] = reference;
        numbers[added++] = number;
    }
}
