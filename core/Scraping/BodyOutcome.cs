using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>How a request for a body ended.</summary>
/// <param name="Verdict">The verdict on the body.</param>
/// <param name="Error">Why it is not complete; empty when it is.</param>
/// <param name="BodyBytes">The size of the body after decompression.</param>
internal sealed record BodyOutcome(Verdict Verdict, string Error, long BodyBytes)
{
    /// <summary>What of the body the report series speak of.</summary>
    public BodyExtent Extent { get; init; } = BodyExtent.Read;

    /// <summary>Whether it ended because its time was over.</summary>
    public bool IsTimeout { get; init; }

    /// <summary>Whether the source did not take the request as it was.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether there was a request.</summary>
    public bool WasAsked { get; init; } = true;

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The outcome of a part for which there was no request.</summary>
    public static BodyOutcome NotAsked(string reason) => new(Verdict.Failed, reason, 0) { WasAsked = false };

    /// <summary>The outcome for others.</summary>
    public PartOutcome Describe(SeriesList series) =>
        new(Verdict, Error, Seconds, BodyBytes)
        {
            IsTimeout = IsTimeout,
            IsRefused = IsRefused,
            WasAsked = WasAsked,
            Series = series,
        };
}
