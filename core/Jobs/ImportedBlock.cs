using Tributary.Model;

namespace Tributary.Jobs;

/// <summary>A block of a folder that was imported.</summary>
/// <param name="Source">The block in the folder.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Block">The block in the store that has its samples; null for one that was not taken.</param>
/// <param name="Reason">Why it was not taken, and what to do.</param>
public sealed record ImportedBlock(Ulid Source, ImportOutcome Outcome, Ulid? Block = null, string Reason = "")
{
    /// <summary>The first millisecond of its range.</summary>
    public long MinTimeMs { get; init; }

    /// <summary>The first millisecond after its range.</summary>
    public long MaxTimeMs { get; init; }

    /// <summary>Series in it.</summary>
    public long Series { get; init; }

    /// <summary>Samples in it.</summary>
    public long Samples { get; init; }
}

/// <summary>How far an import is.</summary>
/// <param name="Index">The block's number, from 1.</param>
/// <param name="Count">Blocks in all.</param>
/// <param name="Source">The block.</param>
/// <param name="DoneBytes">Bytes copied.</param>
/// <param name="Bytes">Bytes to copy; 0 while the block is verified.</param>
public readonly record struct ImportProgress(int Index, int Count, Ulid Source, long DoneBytes, long Bytes);
