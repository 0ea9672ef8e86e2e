namespace Tributary.Scraping;

/// <summary>Where a pull stood: what came behind it can be taken back.</summary>
/// <param name="Samples">Samples kept.</param>
/// <param name="Markers">Markers kept.</param>
/// <param name="Scraped">Samples read.</param>
/// <param name="Relabeled">Samples that the job's rules left.</param>
internal readonly record struct PulledMark(int Samples, int Markers, int Scraped, int Relabeled);
