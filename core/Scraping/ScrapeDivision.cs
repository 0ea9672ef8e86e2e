using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The requests of a scrape; no series is in two of them.</summary>
/// <param name="Key">What tells this division of the source from others.</param>
/// <param name="Parts">The requests.</param>
/// <param name="MaxRequests">How many of them go out at once.</param>
public sealed record ScrapeDivision(string Key, IReadOnlyList<ScrapePart> Parts, int MaxRequests);

/// <summary>One of the requests into which a scrape is divided.</summary>
/// <param name="Url">What is asked, with parameters.</param>
/// <param name="Name">What errors call it.</param>
/// <param name="Holds">Whether a series, as it is stored, belongs to it as far as that can be told.</param>
public sealed record ScrapePart(Uri Url, string Name, Func<LabelSet, bool> Holds);

/// <summary>How the request for a part ended.</summary>
/// <param name="Verdict">The part's verdict.</param>
/// <param name="Error">Its error, without secrets; empty when there was none.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="BodyBytes">The size of the body after decompression.</param>
public sealed record PartOutcome(Verdict Verdict, string Error, double Seconds, long BodyBytes)
{
    /// <summary>Whether it ended because its time was over.</summary>
    public bool IsTimeout { get; init; }

    /// <summary>Whether the source did not take the request as it was: it did not understand it, or found it too long.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether it was asked for at all.</summary>
    public bool WasAsked { get; init; } = true;

    /// <summary>What came, whatever became of the scrape; one series may stand in it repeatedly.</summary>
    public SeriesList Series { get; init; } = SeriesList.Empty;
}

/// <summary>A scrape and how its requests ended.</summary>
/// <param name="Batch">What is to be stored.</param>
/// <param name="Parts">By request; one when the scrape was not divided.</param>
public sealed record DividedScrape(Batch Batch, IReadOnlyList<PartOutcome> Parts);
