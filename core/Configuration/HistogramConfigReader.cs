using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads what <c>global</c> or a job says of histograms.</summary>
internal static class HistogramConfigReader
{
    /// <param name="section"><c>global</c> or a job.</param>
    /// <param name="defaults">What holds for fields that are absent.</param>
    public static HistogramConfig Read(Section section, HistogramConfig defaults)
    {
        return new HistogramConfig
        {
            IsScraped = section.Flag("scrape_native_histograms", defaults.IsScraped),
            AlwaysScrapesClassic = section.Flag("always_scrape_classic_histograms", defaults.AlwaysScrapesClassic),
            ConvertsClassic = section.Flag("convert_classic_histograms_to_nhcb", defaults.ConvertsClassic),
            BucketLimit = section.Count("native_histogram_bucket_limit") ?? 0,
            MinBucketFactor = section.Number("native_histogram_min_bucket_factor") ?? 0,
        };
    }
}
