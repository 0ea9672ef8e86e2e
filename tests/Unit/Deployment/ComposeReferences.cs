using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Functions.CommandLine;
using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>Whether what the services of a stack say of each other, and of files, is so.</summary>
internal sealed partial class ComposeReferences(
    DeploymentFiles files,
    IReadOnlyDictionary<string, ComposeService> services,
    IReadOnlyDictionary<string, IReadOnlyList<int>> ports,
    List<string> problems
)
{
    private const string DataSources = "/etc/grafana/provisioning/datasources/";
    private const string Providers = "/etc/grafana/provisioning/dashboards/";

    /// <summary>https://prometheus.io/docs/alerting/latest/configuration/, as far as it is used.</summary>
    private static readonly YamlShape AlertmanagerShape = YamlShape.Of(
        "route! { receiver! group_by group_wait group_interval repeat_interval } receivers! { name! }"
    );

    /// <summary>https://grafana.com/docs/grafana/latest/administration/provisioning/.</summary>
    private static readonly YamlShape DataSourceShape = YamlShape.Of(
        """
        apiVersion! datasources! { name! uid! type! access! url! isDefault editable
          jsonData { httpMethod prometheusType prometheusVersion timeInterval } }
        """
    );

    private static readonly YamlShape ProviderShape = YamlShape.Of(
        "apiVersion! providers! { name! type! disableDeletion allowUiUpdates options! { path! } }"
    );

    /// <summary>https://thanos.io/tip/thanos/storage.md/#azure, as far as it is used.</summary>
    private static readonly YamlShape ObjectStoreShape = YamlShape.Of(
        """
        type! config! { storage_account! storage_connection_string user_assigned_id container! storage_create_container! }
        """
    );

    /// <summary>Checks everything.</summary>
    /// <param name="settings">Those of Tributary, when it is one of the services.</param>
    public void Check(Settings? settings)
    {
        foreach (var service in services.Values)
        {
            foreach (var text in service.Arguments.Concat(service.Environment.Values).Append(HealthCheck(service)))
            {
                CheckAddresses(service, service.Where, text);
            }
            if (service.Environment.TryGetValue(WebSettings.ExternalUrlVariable, out var url))
            {
                CheckExternal(service, new Uri(url));
            }
            switch (service.Repository)
            {
                case ComposePrograms.Tributary when settings is not null:
                    CheckTributary(service, settings);
                    break;
                case ComposePrograms.Prometheus or ComposePrograms.Alertmanager:
                    CheckConfigFile(service, "--config.file");
                    break;
                case ComposePrograms.Thanos when service.Arguments.Contains("store"):
                    CheckConfigFile(service, "--objstore.config-file");
                    break;
                case ComposePrograms.Grafana:
                    CheckGrafana(service);
                    break;
            }
        }
    }

    private static string HealthCheck(ComposeService service) =>
        string.Join(' ', service.Node.At("healthcheck", "test").Texts());

    /// <summary>What a program reads at its start.</summary>
    private void CheckConfigFile(ComposeService service, string option)
    {
        if (service.Option(option) is not { } path || service.FileAt(path, files) is not { } file)
        {
            problems.Add($"{service.Where}: no file is mounted where {option} looks for it");
            return;
        }
        switch (service.Repository)
        {
            case ComposePrograms.Prometheus:
                TributaryStart.ReadConfig(file, Empty, Texts([file]), problems);
                break;
            case ComposePrograms.Alertmanager:
                CheckReceivers(file);
                break;
            default:
                CheckObjectStore(file);
                break;
        }
        CheckAddressesIn(service, file);
    }

    private void CheckTributary(ComposeService service, Settings settings)
    {
        if (settings.Config is null)
        {
            problems.Add($"{service.Where}: has no configuration");
            return;
        }
        var mounted = service.FilesIn(files);
        var texts = mounted.ToDictionary(one => one.Key, one => files.Read(one.Value), StringComparer.Ordinal);
        TributaryStart.ReadConfig(settings.Config, service.Environment, texts, problems);
        CheckAddressesIn(service, mounted[settings.Config]);
    }

    private void CheckReceivers(string file)
    {
        var root = files.Yaml(file, problems);
        AlertmanagerShape.Check(root, file, problems);
        var receivers = root.At("receivers").Items().Select(receiver => receiver.At("name").Text());
        var wanted = root.At("route", "receiver").Text();
        if (!receivers.Contains(wanted, StringComparer.Ordinal))
        {
            problems.Add($"{file}: there is no receiver '{wanted}'");
        }
    }

    private void CheckObjectStore(string file)
    {
        var root = files.Yaml(file, problems);
        ObjectStoreShape.Check(root, file, problems);
        var config = root.At("config");
        if (root.At("type").Text() != "AZURE" || config.At("container").Text() != ThanosLayout.Container)
        {
            problems.Add($"{file}: is not the container '{ThanosLayout.Container}' of an AZURE store");
        }
        if (config.At("storage_create_container").Text() != "false")
        {
            problems.Add($"{file}: a reader must not make the container");
        }
        var isAzurite = config.At("storage_connection_string") is not null;
        if (isAzurite && config.At("storage_account").Text() != Everybodys.Name)
        {
            problems.Add($"{file}: storage_account is not that of the connection string");
        }
        if (isAzurite == (config.At("user_assigned_id") is not null))
        {
            problems.Add($"{file}: needs either a connection string or an identity");
        }
    }

    private void CheckGrafana(ComposeService service)
    {
        var mounted = service.FilesIn(files);
        var uids = new List<string?>();
        foreach (var (_, file) in mounted.Where(one => one.Key.StartsWith(DataSources, StringComparison.Ordinal)))
        {
            var root = files.Yaml(file, problems);
            DataSourceShape.Check(root, file, problems);
            uids.AddRange(root.At("datasources").Items().Select(source => source.At("uid").Text()));
            CheckAddressesIn(service, file);
        }
        var dashboards = new List<string>();
        foreach (var (_, file) in mounted.Where(one => one.Key.StartsWith(Providers, StringComparison.Ordinal)))
        {
            var root = files.Yaml(file, problems);
            ProviderShape.Check(root, file, problems);
            foreach (var provider in root.At("providers").Items())
            {
                var folder = provider.At("options", "path").Text() + "/";
                dashboards.AddRange(mounted.Keys.Where(name => name.StartsWith(folder, StringComparison.Ordinal)));
            }
        }
        if (dashboards.Count == 0 || uids.Count == 0)
        {
            problems.Add($"{service.Where}: no data source, or no dashboard, is where Grafana looks for it");
        }
        var home = service.Environment.GetValueOrDefault("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH");
        if (home is not null && !mounted.ContainsKey(home))
        {
            problems.Add($"{service.Where}: there is no dashboard '{home}'");
        }
        foreach (var dashboard in dashboards)
        {
            problems.AddRange(DashboardFile.CheckSource(files.Read(mounted[dashboard]), mounted[dashboard], uids));
        }
    }

    /// <summary>The addresses in a YAML file that a service reads.</summary>
    private void CheckAddressesIn(ComposeService service, string file)
    {
        foreach (var scalar in files.Yaml(file, []).Scalars())
        {
            CheckAddresses(service, $"{file}:{scalar.At.Line}", scalar.Value);
        }
    }

    private void CheckAddresses(ComposeService service, string where, string text)
    {
        CheckAccount(where, text);
        foreach (Match match in Address().Matches(text))
        {
            var (label, host) = (match.Groups[1].Value, match.Groups[2].Value);
            var port = int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture);
            if (host is "0.0.0.0" || text.Contains("://localhost", StringComparison.Ordinal))
            {
                continue;
            }
            var name = host is "localhost" or "127.0.0.1" ? service.Name : host;
            if (!services.TryGetValue(name, out var other))
            {
                problems.Add($"{where}: there is no service '{host}'");
            }
            else if (!ports[name].Contains(port))
            {
                problems.Add($"{where}: '{host}' does not listen on port {port}");
            }
            else if (label.Length > 0 && PortOf(other, label) != port)
            {
                problems.Add($"{where}: {label} is not at port {port}");
            }
        }
    }

    /// <summary>A connection string is of the account that every Azurite has, also in the paths of its endpoints.</summary>
    private void CheckAccount(string where, string text)
    {
        if (!text.Contains("AccountName=", StringComparison.Ordinal))
        {
            return;
        }
        try
        {
            // Readers of blobs alone need no tables.
            var hasTables = text.Contains("TableEndpoint=", StringComparison.Ordinal);
            var account = AzureAccount.FromConnectionString(
                hasTables ? text : $"{text};TableEndpoint=http://localhost/"
            );
            var paths = Endpoint().Matches(text).Select(match => match.Groups[1].Value);
            if (account.Name != Everybodys.Name || !account.Key.AsSpan().SequenceEqual(Everybodys.Key))
            {
                problems.Add($"{where}: is not the account of Azurite, or not its key");
            }
            problems.AddRange(
                paths
                    .Where(path => path != account.Name)
                    .Select(path => $"{where}: the endpoint is that of the account '{path}'")
            );
        }
        catch (StoreException exception)
        {
            problems.Add($"{where}: {exception.Message}");
        }
    }

    private static int PortOf(ComposeService azurite, string endpoint) =>
        endpoint switch
        {
            "BlobEndpoint" => ComposePrograms.PortOf(azurite, "--blobPort", 10000),
            "QueueEndpoint" => ComposePrograms.PortOf(azurite, "--queuePort", 10001),
            _ => ComposePrograms.PortOf(azurite, "--tablePort", 10002),
        };

    /// <summary>Under which URL this machine reaches Tributary.</summary>
    private void CheckExternal(ComposeService service, Uri url)
    {
        if (!service.Ports.Exists(port => port.Outside == url.Port))
        {
            problems.Add($"{service.Where}: {url} is not a port that is published");
        }
    }

    private static AzureAccount Everybodys { get; } = AzureAccount.FromConnectionString("UseDevelopmentStorage=true");

    private static Dictionary<string, string> Empty { get; } = [];

    private Dictionary<string, string> Texts(IEnumerable<string> names) =>
        names.ToDictionary(name => name, files.Read, StringComparer.Ordinal);

    [GeneratedRegex(
        @"(?:(BlobEndpoint|QueueEndpoint|TableEndpoint)=)?(?:http://|=|^| )([a-z0-9][a-z0-9._-]*)[: ]([0-9]{2,5})(?:/|;|$| )",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex Address();

    [GeneratedRegex("Endpoint=http://[^/;]+/([^/;]*)", RegexOptions.NonBacktracking)]
    private static partial Regex Endpoint();
}
