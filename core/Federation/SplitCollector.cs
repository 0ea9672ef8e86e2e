using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Scrapes a target, whole or in parts.</summary>
/// <param name="scraper">Scrapes.</param>
internal sealed class SplitCollector(Scraper scraper)
{
    /// <summary>Collects from <see cref="SourceTurn.Target"/>.</summary>
    public async Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var batch = await scraper.ScrapeAsync(turn.Target, turn.State, turn.TickMs, cancellationToken);
        return new Collected(batch, turn.Memory);
    }
}
