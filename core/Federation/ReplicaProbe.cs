using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Asks a federate target who it is: which labels it sends with all of its series. Nothing of that is stored.</summary>
/// <param name="scraper">Scrapes.</param>
public sealed class ReplicaProbe(Scraper scraper)
{
    /// <summary>Answers on connections of their own, which show whether replicas answer alternately.</summary>
    private const int Asks = 3;

    /// <summary>Characters of all labels together that are remembered.</summary>
    private const int MaxChars = 16 << 10;

    private const string Selector = "match[]";

    /// <summary>Few series, which every Prometheus has.</summary>
    private static readonly string SmallQuery =
        $"{Uri.EscapeDataString(Selector)}={Uri.EscapeDataString("{__name__=\"up\"}")}";

    /// <summary>Labels that targets have and that say nothing of the server.</summary>
    private static readonly string[] Ignored = [LabelSet.MetricNameLabel, "job", ReplicaLabels.Instance];

    /// <summary>Asks a target.</summary>
    /// <returns>Who it is; or null, and why it does not answer, or nothing when it has no series at all.</returns>
    public async Task<(ReplicaIdentity? Identity, string Problem)> AskAsync(
        Target target,
        CancellationToken cancellationToken
    )
    {
        var started = scraper.Time.GetTimestamp();
        var small = Asking(target) with { Url = SmallUrl(target.Url) };
        var (series, problem) = await SeriesAsync(small, cancellationToken);
        var isOut = scraper.Time.GetElapsedTime(started) >= target.Timeout;
        var answers = problem.Length == 0;
        if (series.Count == 0 && !isOut)
        {
            // It may refuse, or have none of, what it was not meant to be asked for.
            small = Asking(target);
            (series, problem) = await SeriesAsync(small, cancellationToken);
        }
        if (series.Count == 0)
        {
            // A server without up that is too slow for the rest says nothing of itself: it is collected, in parts perhaps.
            var nowMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
            return answers && problem.Length > 0 ? (new ReplicaIdentity { RecognisedMs = nowMs }, "") : (null, problem);
        }
        var identity = IdentityOf(series);
        for (var ask = 1; ask < Asks && identity.Label.Length > 0; ask++)
        {
            var (others, _) = await SeriesAsync(small, cancellationToken);
            identity = others.Count == 0 ? identity : Join(identity, IdentityOf(others));
        }
        return (identity, "");
    }

    /// <summary>Who sends these series.</summary>
    internal ReplicaIdentity IdentityOf(IReadOnlyList<LabelSet> series)
    {
        var constant = new Dictionary<string, string>(StringComparer.Ordinal);
        var varying = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < series.Count; i++)
        {
            foreach (var sent in series[i].Labels)
            {
                var (name, text) = (sent.Name, sent.Value);
                if (i == 0)
                {
                    constant[name] = text;
                }
                else if (
                    !constant.TryGetValue(name, out var value) || !string.Equals(value, text, StringComparison.Ordinal)
                )
                {
                    varying.Add(name);
                }
            }
            varying.UnionWith(constant.Keys.Where(one => series[i].Get(one) is null));
        }
        foreach (var name in varying.Concat(Ignored))
        {
            constant.Remove(name);
        }
        varying.ExceptWith(Ignored);
        var nowMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var chars = constant.Sum(one => one.Key.Length + one.Value.Length) + varying.Sum(name => name.Length);
        var label =
            constant.Count > ReplicaIdentity.MaxLabels || varying.Count > ReplicaIdentity.MaxLabels || chars > MaxChars
                ? null
                : ReplicaLabels.Known.FirstOrDefault(constant.ContainsKey);
        if (label is null)
        {
            return new ReplicaIdentity { RecognisedMs = nowMs };
        }
        constant.Remove(label, out var replica);
        return new ReplicaIdentity
        {
            Label = label,
            Values = [replica!],
            Constant = LabelSet.Of(constant.Select(one => new Label(one.Key, one.Value))),
            Varying = [.. varying.Order(StringComparer.Ordinal)],
            Sketch = SeriesSketch.Of(series.Select(one => ReplicaLabels.Without(one, [label]))),
            RecognisedMs = nowMs,
        };
    }

    /// <summary>Both answers of one address as one: of two replicas that answer alternately, or of one that changed.</summary>
    private static ReplicaIdentity Join(ReplicaIdentity first, ReplicaIdentity second) =>
        first.IsLike(second)
            ? first with
            {
                Values = [.. first.Values.Union(second.Values, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            }
            : first;

    /// <summary>The target asked for its own labels, on a connection of its own.</summary>
    private static Target Asking(Target target) =>
        target with
        {
            Labels = LabelSet.Empty,
            OwnLabels = LabelSet.Empty,
            ClosesConnection = true,
            Config = target.Config with
            {
                HonorLabels = true,
                MetricRelabelConfigs = [],
                Limits = new ScrapeConfigLimits(),
            },
        };

    private static Uri SmallUrl(Uri url)
    {
        var others = url
            .Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(one => Uri.UnescapeDataString(one.Split('=')[0]) is not Selector);
        return new UriBuilder(url) { Query = string.Join('&', [.. others, SmallQuery]) }.Uri;
    }

    private async Task<(IReadOnlyList<LabelSet> Series, string Problem)> SeriesAsync(
        Target target,
        CancellationToken cancellationToken
    )
    {
        var state = scraper.CreateState();
        try
        {
            var tickMs = scraper.Time.GetUtcNow().ToUnixTimeMilliseconds();
            var batch = await scraper.ScrapeAsync(target, state, tickMs, cancellationToken);
            return batch.Report.Verdict is Verdict.Failed
                ? ([], batch.Report.Error)
                : (batch.Scraped.Series.Span.ToArray(), "");
        }
        finally
        {
            state.Release();
        }
    }
}
