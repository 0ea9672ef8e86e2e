namespace Tributary.Scraping;

/// <summary>A scrape has failed for a reason that its message tells a user, without secrets.</summary>
internal sealed class ScrapeException(string message) : Exception(message);
