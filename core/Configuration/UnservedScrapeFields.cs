using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Fields of <c>global</c> and of jobs that are checked and shown, but not served yet.</summary>
internal sealed record UnservedScrapeFields
{
    /// <summary><c>scrape_failure_log_file</c>, a path; null without one.</summary>
    public string? ScrapeFailureLogFile { get; init; }

    /// <summary>Reads the fields of a section, with a warning for each that asks for something.</summary>
    /// <param name="section"><c>global</c> or a job.</param>
    /// <param name="defaults">What holds for fields that are absent.</param>
    public static UnservedScrapeFields Read(Section section, UnservedScrapeFields defaults) =>
        new()
        {
            ScrapeFailureLogFile =
                ReadFile(section, "scrape_failure_log_file", "failures are on the status page and in the API")
                ?? defaults.ScrapeFailureLogFile,
        };

    /// <summary>The path in a field that is not served, with a warning when there is one; null without one.</summary>
    public static string? ReadFile(Section section, string field, string consequence)
    {
        if (section.NonEmptyText(field) is not { } path)
        {
            return null;
        }
        Warn(section, field, consequence);
        return section.Errors.PathOf(path);
    }

    /// <summary>The named warning of a field that is not served.</summary>
    public static void Warn(Section section, string field, string consequence) =>
        section.Warn(section.Mapping.Find(field)!.KeyAt, $"{field} is not served yet: {consequence}");
}
