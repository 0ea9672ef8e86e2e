namespace Tributary.Storage.Indexes;

/// <summary>The labels of a block in order, and how many series have each.</summary>
/// <param name="Keys">Name and value; <see cref="LabelRef.Key"/>.</param>
/// <param name="Lengths">How many series.</param>
/// <param name="Numbers">The collector's number of each.</param>
/// <param name="Parts">Parts of the scratch file.</param>
internal sealed record PostingsPlan(ulong[] Keys, int[] Lengths, int[] Numbers, int Parts)
{
    /// <summary>How many labels there are.</summary>
    public int Count => Keys.Length;
}
