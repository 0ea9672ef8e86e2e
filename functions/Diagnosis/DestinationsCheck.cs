using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.HttpClients;
using Tributary.Jobs;

namespace Tributary.Functions.Diagnosis;

/// <summary>Whether Alertmanagers, receivers of remote write, and destinations of exports answer; nothing is sent to them.</summary>
/// <param name="config">Where to send.</param>
/// <param name="time">The clock.</param>
internal sealed class DestinationsCheck(CollectorConfig config, TimeProvider time)
{
    private const int MaxProblems = 10;
    private const string AlertsPath = "/api/v2/alerts";
    private const string StatusPath = "/api/v2/status";
    private static readonly TimeSpan ExportPatience = TimeSpan.FromSeconds(10);
    private readonly HttpClientPool clients = new(time);

    /// <summary>Asks.</summary>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        using var owned = clients;
        if (config is { Alerting.Alertmanagers.Count: 0, RemoteWrites.Count: 0, Exports.Count: 0 })
        {
            findings.Skip("there are none: no Alertmanagers, no remote_write, no exports");
            return;
        }
        await CheckAlertmanagersAsync(findings, stop);
        foreach (var destination in config.RemoteWrites)
        {
            await CheckRemoteWriteAsync(destination, findings, stop);
        }
        foreach (var export in config.Exports)
        {
            await CheckExportAsync(export, findings, stop);
        }
    }

    private async Task CheckAlertmanagersAsync(FindingList findings, CancellationToken stop)
    {
        if (config.Alerting.Alertmanagers.Count == 0)
        {
            if (config.RuleGroups.Any(group => group.Rules.Any(rule => !string.IsNullOrEmpty(rule.Alert))))
            {
                findings.Warn(
                    "there are alerting rules, and no Alertmanager",
                    "Add alerting.alertmanagers: docs/alerting.md"
                );
            }
            return;
        }
        using var notify = new NotifyJob(
            http => HttpClientFactory.Create(http, time),
            http => clients.For(http),
            () => new Uri("http://localhost/"),
            time
        );
        notify.Configure(config);
        await notify.Discover.RefreshAsync(stop);
        foreach (var problem in notify.Problems.Take(MaxProblems))
        {
            findings.Warn(problem, "docs/alerting.md has the ways to find Alertmanagers.");
        }
        foreach (var set in notify.Alertmanagers)
        {
            foreach (var url in set.Active)
            {
                var path = url.AbsolutePath;
                var prefix = path.EndsWith(AlertsPath, StringComparison.Ordinal) ? path[..^AlertsPath.Length] : path;
                var status = new UriBuilder(url) { Path = prefix + StatusPath, Query = "" }.Uri;
                var name = $"Alertmanager {url.Authority}";
                if (
                    await AskAsync(HttpMethod.Get, status, set.Config.Http, set.Config.Timeout, name, findings, stop) is
                    { } code
                )
                {
                    Judge(
                        name,
                        code,
                        code is >= 200 and < 300,
                        "check path_prefix and the port of alerting.alertmanagers",
                        findings
                    );
                }
            }
        }
    }

    private async Task CheckRemoteWriteAsync(
        RemoteWriteConfig destination,
        FindingList findings,
        CancellationToken stop
    )
    {
        var name = $"remote_write {destination.Name}";
        // Receivers refuse a GET (405), or want a body (400): either is a receiver.
        if (
            await AskAsync(
                HttpMethod.Get,
                destination.Url,
                destination.Http,
                destination.Timeout,
                name,
                findings,
                stop
            ) is
            { } code
        )
        {
            Judge(name, code, code is < 300 or 400 or 405 or 411 or 415, "check the path of its url", findings);
        }
    }

    private async Task CheckExportAsync(ExportConfig export, FindingList findings, CancellationToken stop)
    {
        var name = $"export {export.Name}";
        var output = export.Destination.Of(export.Name, time.GetUtcNow().ToUnixTimeMilliseconds());
        switch (export.Destination.Kind)
        {
            case ExportDestinationKind.File:
                CheckFolder(name, output, findings);
                break;
            case ExportDestinationKind.Web:
                var url = new Uri(output);
                if (await AskAsync(HttpMethod.Head, url, export.Http, ExportPatience, name, findings, stop) is { } code)
                {
                    // There is no such file yet, or the server takes only what is put there.
                    Judge(
                        name,
                        code,
                        code is < 300 or 400 or 404 or 405 or 409 or 411,
                        "check its destination",
                        findings
                    );
                }
                break;
            default:
                findings.Ok($"{name} goes to the store");
                break;
        }
    }

    /// <summary>Sees whether files can be made in the nearest folder that is there.</summary>
    private static void CheckFolder(string name, string path, FindingList findings)
    {
        var (folder, problem) = FolderProbe.Nearest(path);
        if (problem is null)
        {
            findings.Ok($"{name}: '{folder}' can be written");
            return;
        }
        findings.Fail(
            $"{name}: no file can be made in '{folder}': {problem}",
            "Let the user that runs Tributary write there, or change the export's destination."
        );
    }

    /// <summary>The status that a server answers with; null when it does not, which is a finding.</summary>
    private async Task<int?> AskAsync(
        HttpMethod method,
        Uri url,
        HttpClientConfig http,
        TimeSpan patience,
        string name,
        FindingList findings,
        CancellationToken stop
    )
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        using var request = new HttpRequestMessage(method, url);
        try
        {
            using var response = await clients.For(http).SendAsync(request, either.Token);
            return (int)response.StatusCode;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            findings.Fail(
                $"{name}: {url.Authority} did not answer within {patience.TotalSeconds:0.###} s",
                "Look at the network between here and there."
            );
        }
        catch (HttpRequestException exception)
        {
            findings.Fail(
                $"{name}: {ConnectionProblem.Describe(exception, url, "destination")}",
                "Look at its address, and at the network between here and there."
            );
        }
        return null;
    }

    private static void Judge(string name, int code, bool isGood, string advice, FindingList findings)
    {
        if (isGood)
        {
            findings.Ok($"{name}: answers");
        }
        else if (code is 401 or 403)
        {
            findings.Fail(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: answers {code}: it wants credentials, or others than it got"
                ),
                "Check basic_auth, authorization, oauth2 or azuread of its section; for Azure Monitor give the identity the role "
                    + "'Monitoring Metrics Publisher' on the data collection rule."
            );
        }
        else if (code is 404)
        {
            findings.Warn($"{name}: answers 404: it knows no such address", $"Please {advice}.");
        }
        else
        {
            findings.Warn(
                string.Create(CultureInfo.InvariantCulture, $"{name}: answers {code}"),
                $"It may be down or in trouble; else {advice}."
            );
        }
    }
}
