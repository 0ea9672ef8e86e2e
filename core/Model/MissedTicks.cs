using System.Globalization;

namespace Tributary.Model;

/// <summary>Ticks of a source that have no batch: a gap in front of a batch, which carries it in its report.</summary>
/// <remarks>
/// It is what the writer of the batch knew. A batch of one of these ticks that is in the log all the same, because another
/// process was slow, takes it out of the gap.
/// </remarks>
/// <param name="AfterMs">The last tick before them that has a batch, milliseconds since the epoch.</param>
/// <param name="Count">How many they are; at least 1.</param>
/// <param name="Reason">Why.</param>
public sealed record MissedTicks(long AfterMs, int Count, MissReason Reason)
{
    /// <summary>The gap in words.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} {(Count == 1 ? "tick" : "ticks")} missed after {DateTimeOffset.FromUnixTimeMilliseconds(AfterMs):HH:mm:ss} UTC: {Why}"
        );

    /// <summary>The reason in words.</summary>
    public string Why =>
        Reason switch
        {
            MissReason.NotCollected => "nobody collected then, or the process ended before it could store",
            MissReason.Overrun => "the scrape before took longer than the interval",
            MissReason.NotStored => "what was scraped then could not be stored",
            _ => throw new InvalidOperationException($"Unknown reason {Reason}."),
        };
}

/// <summary>Why ticks have no batch.</summary>
public enum MissReason : byte
{
    /// <summary>No process ran, none was called, or it was killed before it could store.</summary>
    NotCollected,

    /// <summary>The scrape before was still under way.</summary>
    Overrun,

    /// <summary>The store refused what was scraped.</summary>
    NotStored,
}
