using Tributary.Configuration.Relabel;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>What holds for every job that does not say otherwise, and for every answer that leaves the collector.</summary>
public sealed record GlobalConfig
{
    /// <summary>The default time between two scrapes.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The default limit of one scrape; not above <see cref="ScrapeInterval"/>.</summary>
    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Labels added to what others fetch from us, with environment variables filled in.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>The default time between two evaluations of rules.</summary>
    public TimeSpan EvaluationInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How far back in time rules are evaluated.</summary>
    public TimeSpan RuleQueryOffset { get; init; }

    /// <summary>The default formats to ask for, as written, the best first; null leaves it to the job.</summary>
    public IReadOnlyList<ScrapeProtocol>? ScrapeProtocols { get; init; }

    /// <summary>The default limits of a job.</summary>
    public ScrapeConfigLimits Limits { get; init; } = new();

    /// <summary>Which names metrics and labels may have by default.</summary>
    public NameValidationScheme NameValidation { get; init; } = NameValidationScheme.Utf8;

    /// <summary>How names that are not legacy ones are to be written by default.</summary>
    public NameEscapingScheme NameEscaping { get; init; } = NameEscapingScheme.AllowUtf8;

    /// <summary>Whether report series about timeout, sample limit and body size are written by default.</summary>
    public bool ExtraScrapeMetrics { get; init; }

    /// <summary>What becomes of histograms by default.</summary>
    public HistogramConfig NativeHistograms { get; init; } = new();

    /// <summary>What is kept of fields about log files.</summary>
    internal UnservedScrapeFields Unserved { get; init; } = new();
}
