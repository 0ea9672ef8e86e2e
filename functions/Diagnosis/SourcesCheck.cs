using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.HttpClients;
using Tributary.Jobs;
using Tributary.Scraping;

namespace Tributary.Functions.Diagnosis;

/// <summary>Asks every source from here, as a collect does, and reads only the beginning of what it answers.</summary>
/// <param name="config">The sources.</param>
/// <param name="time">The clock.</param>
internal sealed class SourcesCheck(CollectorConfig config, TimeProvider time)
{
    /// <summary>So many are asked at once.</summary>
    private const int MaxAtOnce = 8;

    /// <summary>So many are asked at all.</summary>
    private const int MaxTargets = 200;

    private const int MaxProblems = 10;
    private const int BeginningBytes = 1024;
    private const int MaxBuildInfoBytes = 16 * 1024;
    private const string BuildInfoPath = "/api/v1/status/buildinfo";

    /// <summary>Samples that are further ahead are dropped.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan SkewToMention = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoonOver = TimeSpan.FromDays(14);

    /// <summary>What a page for people begins with.</summary>
    private static readonly string[] PageBeginnings = ["<!doctype", "<html"];

    private readonly HttpClientPool clients = new(time);

    /// <summary>Asks.</summary>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        using var owned = clients;
        IReadOnlyList<Target> targets = [];
        using var discover = new DiscoverJob(
            http => HttpClientFactory.Create(http, time),
            time,
            found => targets = found
        );
        discover.Configure(config);
        await discover.RefreshAsync(stop);
        foreach (var problem in discover.Problems.Take(MaxProblems))
        {
            findings.Warn(
                problem,
                "tributary source ls lists what is found; docs/discovery.md has the ways to find targets."
            );
        }
        if (targets.Count == 0)
        {
            findings.Warn(
                "there are no sources",
                "Add scrape_configs, or look at what discovery found: tributary source ls"
            );
            return;
        }
        foreach (var some in targets.Take(MaxTargets).Chunk(MaxAtOnce))
        {
            var lists = some.Select(_ => new FindingList()).ToList();
            try
            {
                await Task.WhenAll(some.Zip(lists, (target, list) => AskAsync(target, list, stop)));
            }
            finally
            {
                // Also what was found before the time was over.
                lists.ForEach(findings.AddRange);
            }
        }
        if (targets.Count > MaxTargets)
        {
            findings.Skip(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{targets.Count - MaxTargets} more sources: {MaxTargets} are asked at most"
                )
            );
        }
    }

    /// <summary>Asks one source.</summary>
    private async Task AskAsync(Target target, FindingList findings, CancellationToken stop)
    {
        var name = $"{target.Job}, {target.Labels.Get("instance")}";
        using var timeout = new CancellationTokenSource(target.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await AskAsync(target, name, findings, either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            findings.Fail(
                $"{name}: it did not answer within its scrape_timeout of {target.Timeout.TotalSeconds:0.###} s",
                "Ask for less (match[]), raise scrape_timeout, or let it be split or pulled: docs/slow-sources.md, docs/pull.md."
            );
        }
        catch (HttpRequestException exception)
        {
            findings.Fail(
                $"{name}: {ConnectionProblem.Describe(exception, target.Url)}",
                $"tributary source test {target.Labels.Get("instance")} shows more."
            );
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or ScrapeException)
        {
            findings.Fail(
                $"{name}: {exception.Message}",
                $"tributary source test {target.Labels.Get("instance")} shows more."
            );
        }
    }

    private async Task AskAsync(Target target, string name, FindingList findings, CancellationToken stop)
    {
        using var request = ScrapeRequest.Create(target);
        var before = time.GetUtcNow();
        using var response = await clients.For(target.Config.Http, target.UnixSocket).SendAsync(request, stop);
        var middle = before + (time.GetUtcNow() - before) / 2;
        try
        {
            await ScrapeRequest.CheckAsync(response, target, stop);
        }
        catch (ScrapeException exception)
        {
            // The source may repeat what it was asked with.
            throw new ScrapeException(SentSecrets.Hide(exception.Message, response.RequestMessage));
        }
        var beginning = await BeginningAsync(response, stop);
        if (IsPage(response, beginning))
        {
            findings.Fail(
                $"{name}: it answers with a web page instead of metrics",
                $"Check metrics_path ({CredentialText.Hide(target.Url.AbsolutePath)}) and the port; a login page in front wants credentials."
            );
            return;
        }
        if (
            ContentType.Of(response.Content.Headers).FormatFor(target.Config.FallbackScrapeProtocol).Problem is
            { Length: > 0 } problem
        )
        {
            findings.Fail(
                $"{name}: {SentSecrets.Hide(problem, response.RequestMessage)}",
                $"tributary source test {target.Labels.Get("instance")} shows more."
            );
            return;
        }
        AddSkew(response, middle, name, findings);
        await AddCertificateAsync(target, name, findings, stop);
        var version = target.IsFederate ? await VersionAsync(target, stop) : "";
        findings.Ok($"{name}: answers{(version.Length > 0 ? $", Prometheus {version}" : "")}");
    }

    private static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var raw = await response.Content.ReadAsStreamAsync(stop);
        await using var body = ScrapeRequest.IsCompressed(response)
            ? new GZipStream(raw, CompressionMode.Decompress)
            : raw;
        var bytes = new byte[BeginningBytes];
        var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, read).TrimStart();
    }

    private static bool IsPage(HttpResponseMessage response, string beginning) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "text/html", StringComparison.OrdinalIgnoreCase)
        || PageBeginnings.Any(one => beginning.StartsWith(one, StringComparison.OrdinalIgnoreCase));

    private static void AddSkew(HttpResponseMessage response, DateTimeOffset ours, string name, FindingList findings)
    {
        if (response.Headers.Date is not { } theirs || (ours - theirs).Duration() <= SkewToMention)
        {
            return;
        }
        var skew = theirs - ours;
        var text =
            $"{name}: its clock is {skew.Duration().TotalSeconds:0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's";
        if (skew > MostAhead)
        {
            findings.Fail(
                $"{text}: samples more than 10 minutes ahead are dropped",
                "Set the clocks (timedatectl set-ntp true)."
            );
        }
        else
        {
            findings.Warn(
                text,
                "Set the clocks (timedatectl set-ntp true): samples come too late for queries and rules, or too early."
            );
        }
    }

    private async Task AddCertificateAsync(Target target, string name, FindingList findings, CancellationToken stop)
    {
        var isDirect = target.Config.Http.Proxy == ProxyConfig.None && target.UnixSocket is null;
        if (target.Url.Scheme != Uri.UriSchemeHttps || !isDirect)
        {
            return;
        }
        var end = await Certificates.EndOfAsync(
            target.Url,
            target.Config.Http.Tls.ServerName ?? target.Url.IdnHost,
            stop
        );
        if (end is { } at && at - time.GetUtcNow() < SoonOver)
        {
            findings.Warn(
                $"{name}: its certificate ends at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}",
                "Renew it: after that nothing is collected from there."
            );
        }
    }

    /// <summary>The version of a Prometheus; empty when it does not say.</summary>
    private async Task<string> VersionAsync(Target target, CancellationToken stop)
    {
        const string federate = "/federate";
        var path = target.Url.AbsolutePath;
        var prefix = path.EndsWith(federate, StringComparison.Ordinal) ? path[..^federate.Length] : "";
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new UriBuilder(target.Url) { Path = prefix + BuildInfoPath, Query = "" }.Uri
        );
        try
        {
            using var response = await clients.For(target.Config.Http, target.UnixSocket).SendAsync(request, stop);
            if (!response.IsSuccessStatusCode)
            {
                return "";
            }
            var body = await response.Content.ReadAsStreamAsync(stop);
            await using var disposal = body;
            var bytes = new byte[MaxBuildInfoBytes];
            var read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stop);
            using var document = JsonDocument.Parse(bytes.AsMemory(0, read));
            return
                document.RootElement.TryGetProperty("data"u8, out var data)
                && data.TryGetProperty("version"u8, out var version)
                ? Words.Clean(version.GetString() ?? "", 40)
                : "";
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or JsonException or InvalidOperationException)
        {
            // Not every server with a /federate says who it is, and nothing depends on it.
            return "";
        }
    }
}
