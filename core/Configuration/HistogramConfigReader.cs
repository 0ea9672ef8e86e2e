using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads what <c>global</c> or a job says of histograms.</summary>
internal static class HistogramConfigReader
{
    private const string ConvertField = "convert_classic_histograms_to_nhcb";

    /// <param name="section"><c>global</c> or a job.</param>
    /// <param name="defaults">What holds for fields that are absent.</param>
    public static HistogramConfig Read(Section section, HistogramConfig defaults)
    {
        var config = new HistogramConfig
        {
            IsScraped = section.Flag("scrape_native_histograms", defaults.IsScraped),
            AlwaysScrapesClassic = section.Flag("always_scrape_classic_histograms", defaults.AlwaysScrapesClassic),
            ConvertsClassic = section.Flag(ConvertField, defaults.ConvertsClassic),
            BucketLimit = section.Count("native_histogram_bucket_limit") ?? 0,
            MinBucketFactor = section.Number("native_histogram_min_bucket_factor") ?? 0,
        };
        if (config.ConvertsClassic && section.Field(ConvertField) is not null)
        {
            section.Warn(
                section.Mapping.Find(ConvertField)!.KeyAt,
                $"{ConvertField} is served for answers in protobuf alone: of the text formats, classic histograms stay as they are"
            );
        }
        return config;
    }
}
