using Tributary.Binary;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>A log file that is read on, with all that following it needs.</summary>
internal sealed class FollowedFile(LogDecoder decoder)
{
    private readonly SlotMap<ColumnState> states = new();
    private bool isUndecodable;

    /// <summary>The step of a backfill whose columns came last; each has slots of its own.</summary>
    private string? step;

    /// <summary>The file's decoder.</summary>
    public LogDecoder Decoder { get; } = decoder;

    /// <summary>What is wrong with the file; it is not read any further then.</summary>
    public string? Problem { get; set; }

    /// <summary>Decodes the next column of the file, or notes what is wrong with it and yields nothing from then on.</summary>
    public SampleColumns? TryDecode(LogColumn column)
    {
        if (isUndecodable)
        {
            return null;
        }
        Forget(column.Part.Source);
        try
        {
            return Decoder.Decode(column, states);
        }
        catch (CorruptDataException exception)
        {
            isUndecodable = true;
            Problem ??= exception.Message;
            return null;
        }
    }

    /// <summary>Forgets a step of a backfill behind it: no other column is told by what differs from it.</summary>
    private void Forget(string next)
    {
        if (string.Equals(step, next, StringComparison.Ordinal))
        {
            return;
        }
        if (step is not null)
        {
            states.Remove(step);
        }
        step = SourceKey.IsBackfill(next) ? next : null;
    }
}

/// <summary>Parts that were read from one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Parts">Parts, in the file's order.</param>
internal sealed record FollowedParts(FollowedFile File, IReadOnlyList<LogPart> Parts);
