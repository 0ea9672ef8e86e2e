namespace Tributary.Scraping;

/// <summary>A scrape has failed for a reason that its message tells a user, without secrets.</summary>
internal sealed class ScrapeException(string message) : Exception(message)
{
    /// <summary>Whether the reason is the size of the body.</summary>
    public bool IsBodySize { get; init; }

    /// <summary>Whether the reason is the number of samples of a pull: less time at once may work.</summary>
    public bool IsPullSize { get; init; }
}
