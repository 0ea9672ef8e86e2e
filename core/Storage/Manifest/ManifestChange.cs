using Tributary.Model;

namespace Tributary.Storage.Manifest;

/// <summary>What one commit changes.</summary>
public sealed record ManifestChange
{
    /// <summary>This commit; never the same twice.</summary>
    public required Ulid Id { get; init; }

    /// <summary>What the change was planned on.</summary>
    public required ManifestSnapshot PlannedOn { get; init; }

    /// <summary>
    /// Own pending blocks in the state that they get: live, or deleted when no sample was left. Their number is one above
    /// that of <see cref="PlannedOn"/>.
    /// </summary>
    public IReadOnlyList<BlockRow> Written { get; init; } = [];

    /// <summary>Blocks that get another state; their rows must be in the state that they were planned in.</summary>
    public IReadOnlyList<BlockStateChange> Changed { get; init; } = [];

    /// <summary>Log files whose content is in <see cref="Written"/>, or that had no sample left.</summary>
    public IReadOnlyList<ConsumedLogFile> Consumed { get; init; } = [];

    /// <summary>A new delete: it is refused when anything was committed since <see cref="PlannedOn"/>.</summary>
    public DeleteRow? Delete { get; init; }

    /// <summary>Deletes that apply to nothing any more.</summary>
    public IReadOnlyList<Ulid> ForgottenDeletes { get; init; } = [];
}

/// <summary>Another state for a block.</summary>
/// <param name="Ulid">The block.</param>
/// <param name="State">Its new state.</param>
/// <param name="Reason">Why.</param>
public readonly record struct BlockStateChange(Ulid Ulid, BlockState State, string Reason);

/// <summary>What became of a commit.</summary>
/// <param name="Number">The commit number; null when it was refused and can never happen.</param>
/// <param name="Refusal">Why it was refused; plan anew.</param>
public readonly record struct CommitResult(long? Number, string Refusal = "")
{
    /// <summary>Whether it happened.</summary>
    public bool IsCommitted => Number is not null;

    internal static CommitResult Refused(string why) => new(null, why);
}
