using Tributary.Binary;

namespace Tributary.Storage.Blocks;

/// <summary>What the verification of a block found.</summary>
/// <param name="Prefix">What the names of the block's files begin with.</param>
/// <param name="Found">What is in it, as counted.</param>
/// <param name="Problems">What is wrong, at most <see cref="MaxProblems"/>; none for a good block.</param>
internal sealed record BlockReport(string Prefix, BlockStatistics Found, IReadOnlyList<CorruptDataException> Problems)
{
    /// <summary>Problems after which a verification ends.</summary>
    public const int MaxProblems = 100;
}
