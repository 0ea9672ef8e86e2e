using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.AppendLog;

/// <summary>A log file that is read on, with all that following it needs.</summary>
internal sealed class FollowedFile(LogDecoder decoder)
{
    private readonly ColumnStates states = new();
    private bool isLost;

    /// <summary>The file's decoder.</summary>
    public LogDecoder Decoder { get; } = decoder;

    /// <summary>What is wrong with the file; it is not read any further then, but what stands before that counts.</summary>
    public string? Problem { get; set; }

    /// <summary>Decodes the next column of the file, or notes what is wrong with it and yields nothing.</summary>
    public SampleColumns? TryDecode(LogPart part, LogColumn column)
    {
        try
        {
            return isLost ? null : Decoder.Decode(part, column, states);
        }
        catch (CorruptDataException exception)
        {
            // The columns behind it build on this one.
            isLost = true;
            Problem = exception.Message;
            return null;
        }
    }
}

/// <summary>Parts that were read from one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Parts">Parts, in the file's order.</param>
internal sealed record FollowedParts(FollowedFile File, IReadOnlyList<LogPart> Parts);
