namespace Tributary.Tests.Unit.Deployment;

/// <summary>
/// The compose files, and all that they mount: what they name is there, who is asked listens, options and variables are
/// those of the programs, configurations pass our own check. Each kind of mistake is put in once.
/// </summary>
public sealed class ComposeTests
{
    private const string Stack = DeploymentFiles.Local + "/compose.yml";
    private const string Thanos = DeploymentFiles.Local + "/thanos.yml";
    private const string Config = DeploymentFiles.Local + "/tributary/tributary.yml";
    private const string Rules = DeploymentFiles.Local + "/tributary/rules/stack.yml";
    private const string Cluster = DeploymentFiles.Local + "/prometheus/a.yml";
    private const string Alertmanager = DeploymentFiles.Local + "/alertmanager/alertmanager.yml";
    private const string DataSource = DeploymentFiles.Local + "/grafana/provisioning/datasources/tributary.yml";
    private const string Provider = DeploymentFiles.Local + "/grafana/provisioning/dashboards/tributary.yml";
    private const string Store = DeploymentFiles.Local + "/thanos/azurite.yml";

    private static readonly Dictionary<string, string> Azure = new(StringComparer.Ordinal)
    {
        ["OBJSTORE"] = "azure.yml",
    };

    [Fact]
    public async Task Stack_HasNoMistakes()
    {
        Assert.Empty(await ComposeStack.CheckAsync(DeploymentFiles.Repository, [Stack]));
    }

    [Fact]
    public async Task StackWithThanos_HasNoMistakes()
    {
        Assert.Empty(await ComposeStack.CheckAsync(DeploymentFiles.Repository, [Stack, Thanos]));
    }

    [Fact]
    public async Task ThanosOverAzure_HasNoMistakes()
    {
        Assert.Empty(await ComposeStack.CheckAsync(DeploymentFiles.Repository, [Thanos], Azure));
    }

    [Theory]
    [InlineData(Stack, "9091:9090", "9091:9091", "publishes port 9091, on which it does not listen")]
    [InlineData(Stack, "127.0.0.1:9092:9090", "127.0.0.1:9091:9090", "port 9091 is published twice")]
    [InlineData(Stack, "127.0.0.1:3000:3000", "3000:3000", "others would reach it")]
    [InlineData(Stack, "--listen=:19090", "--listen=:9090", "'tributary' does not listen on port 19090")]
    [InlineData(Stack, "--listen=:19090", "--listen=127.0.0.1:19090", "'tributary' does not listen on port 19090")]
    [InlineData(Stack, "--blobPort=10000", "--blobPort=11000", "'azurite' does not listen on port 10000")]
    [InlineData(
        Stack,
        "TableEndpoint=http://azurite:10002",
        "TableEndpoint=http://azurite:10000",
        "TableEndpoint is not at port 10000"
    )]
    [InlineData(Stack, "BlobEndpoint=http://azurite:", "BlobEndpoint=http://azurit:", "no service 'azurit'")]
    [InlineData(Stack, "AccountKey=Eby8", "AccountKye=Eby8", "storage connection string")]
    [InlineData(Stack, "localhost:19090/", "localhost:9090/", "not a port that is published")]
    [InlineData(Stack, "nc -z 127.0.0.1 10000", "nc -z 127.0.0.1 1000", "does not listen on port 1000")]
    [InlineData(Stack, "prom/prometheus:v3.14.0", "prom/prometheus:latest", "has no version")]
    [InlineData(Stack, "grafana/grafana:13.2.1", "grafana/grafana", "has no version")]
    [InlineData(Stack, "./prometheus/b.yml", "./prometheus/c.yml", "no 'infra/local/prometheus/c.yml' to mount")]
    [InlineData(Stack, "- ./tributary:/etc/tributary:ro", "- ./tributary:/etc/tributry:ro", "does not exist")]
    [InlineData(Stack, "dashboards:/etc/dashboards", "dashboards:/etc/dashboard", "is where Grafana looks for it")]
    [InlineData(Stack, "  alertmanager:\n  grafana:", "  grafana:", "the volume 'alertmanager' is not declared")]
    [InlineData(
        Stack,
        "  grafana:\n    image",
        "  grafana:\n    more: 1\n    image",
        "unknown field services.grafana.more"
    )]
    [InlineData(Stack, "volumes:\n  azurite:", "volumes:\n  azurite:\n  left:", "the volume 'left' is not used")]
    [InlineData(Stack, "depends_on: [tributary]", "depends_on: [tributry]", "depends on 'tributry'")]
    [InlineData(Stack, "healthcheck:", "health_check:", "unknown field services.azurite.health_check")]
    [InlineData(Stack, "cap_drop: [ALL]", "cap_dorp: [ALL]", "unknown field services.tributary.cap_dorp")]
    [InlineData(
        Stack,
        "TRIBUTARY_STORAGE:",
        "TRIBUTARY_STORE:",
        "nothing reads the environment variable TRIBUTARY_STORE"
    )]
    [InlineData(Stack, "GF_AUTH_ANONYMOUS_ENABLED", "GF_AUTH_ANONYMOUS", "variable GF_AUTH_ANONYMOUS")]
    [InlineData(Stack, "command: [serve,", "command: [sevre,", "serves nothing")]
    [InlineData(Stack, "--config=/etc/tributary", "--konfig=/etc/tributary", "serves nothing")]
    [InlineData(Stack, "--config=/etc/tributary/tributary.yml", "--config=/etc/tributary.yml", "does not exist")]
    [InlineData(Stack, "--storage.tsdb.path=", "--storage.path=", "has no option --storage.path")]
    [InlineData(Stack, "--skipApiVersionCheck", "--skipVersionCheck", "has no option --skipVersionCheck")]
    [InlineData(
        Stack,
        "--config.file=/etc/prometheus/",
        "--config.file=/etc/",
        "no file is mounted where --config.file"
    )]
    [InlineData(Stack, "restart: unless-stopped", "restart: unless_stopped", "restart cannot be")]
    [InlineData(Stack, "dockerfile: infra/container", "dockerfile: infra/containers", "to build the image from")]
    [InlineData(Stack, "context: ../..", "context: ..", "to build the image from")]
    [InlineData(Stack, "\n  tributary:\n    build", "\n\t tributary:\n    build", "tab")]
    [InlineData(Stack, "/app/tributary, query", "/app/tributry, query", "not the image's /app/tributary")]
    [InlineData(Stack, "query, instant, vector(1), --server", "query, now, vector(1), --server", "is no command")]
    [InlineData(
        Stack,
        "--server=http://127.0.0.1:19090",
        "--server=http://127.0.0.1:9090",
        "does not listen on port 9090"
    )]
    [InlineData(Stack, "condition: service_healthy", "condition: service_heathy", "a condition that there is not")]
    [InlineData(Stack, "interval: 30s", "interval: 30", "healthcheck.interval cannot be '30'")]
    [InlineData(Stack, "retries: 30", "retries: many", "healthcheck.retries cannot be 'many'")]
    [InlineData(Stack, "    read_only: true\n", "", "lacks read_only")]
    [InlineData(Stack, "    cap_drop: [ALL]\n", "", "lacks cap_drop")]
    [InlineData(Stack, "read_only: true", "read_only: ture", "read_only cannot be 'ture'")]
    [InlineData(Stack, "name: tributary\n", "name: Tributary\n", "name cannot be 'Tributary'")]
    [InlineData(Stack, "127.0.0.1:3000:3000", "127.0.0.1:73000:3000", "there is no port 73000")]
    [InlineData(
        Stack,
        "    image: mcr.microsoft.com",
        "    depends_on: [grafana]\n    image: mcr.microsoft.com",
        "which waits for it"
    )]
    [InlineData(Stack, "ENABLED: 'true'", "ENABLED: true", "has to be in quotes")]
    [InlineData(Stack, "no-new-privileges", "no-new-privilege", "no such security option")]
    [InlineData(Stack, "--location=/data", "--location=/azurite", "does not last")]
    [InlineData(Stack, "grafana:/var/lib/grafana", "grafana:/var/grafana", "does not last")]
    [InlineData(Stack, "AccountName=devstoreaccount1", "AccountName=devstoreaccount2", "is not the account of Azurite")]
    [InlineData(Stack, "AccountKey=Eby8", "AccountKey=Eby9", "is not the account of Azurite")]
    [InlineData(Stack, ":10002/devstoreaccount1", ":10002/devstoreaccount", "of the account 'devstoreaccount'")]
    [InlineData(
        Store,
        "storage_account: devstoreaccount1",
        "storage_account: devstore",
        "is not that of the connection"
    )]
    [InlineData(Stack, "- tributary-tmp:/tmp", "- tributary-tmp:/var/tmp", "has no /tmp to write to")]
    [InlineData(Config, "prometheus-a:9090", "prometheus-a:9091", "'prometheus-a' does not listen on port 9091")]
    [InlineData(Config, "prometheus-b:9090", "prometheus_b:9090", "no service 'prometheus_b'")]
    [InlineData(Config, "prometheus-b:9090", "prometheus-c:9090", "no service 'prometheus-c'")]
    [InlineData(Config, "alertmanager:9093", "alertmanager:9094", "'alertmanager' does not listen on port 9094")]
    [InlineData(Config, "localhost:19090", "localhost:9090", "does not listen on port 9090")]
    [InlineData(Config, "metrics_path: /federate", "metric_path: /federate", "unknown field \"metric_path\"")]
    [InlineData(Config, "metrics_path: /federate", "metrics_path: /federation", "warning")]
    [InlineData(Config, "rules/*.yml", "rule/*.yml", "warning")]
    [InlineData(Rules, "up{job=\"clusters\"} == 0", "up{job=\"clusters\"} = 0", "parse error")]
    [InlineData(Rules, "$labels.cluster }}", "$labels.cluster }", "template")]
    [InlineData(Cluster, "scrape_interval", "scrap_interval", "unknown field \"scrap_interval\"")]
    [InlineData(Cluster, "localhost:9090", "localhost:9091", "does not listen on port 9091")]
    [InlineData(Alertmanager, "name: nobody", "name: somebody", "no receiver 'nobody'")]
    [InlineData(Alertmanager, "group_by", "groupby", "unknown field route.groupby")]
    [InlineData(DataSource, "tributary:19090", "tributary:9090", "'tributary' does not listen on port 9090")]
    [InlineData(DataSource, "http://tributary:", "http://collector:", "no service 'collector'")]
    [InlineData(DataSource, "uid: tributary", "uid: prometheus", "no data source with the uid 'tributary'")]
    [InlineData(DataSource, "jsonData", "jsondata", "unknown field datasources.jsondata")]
    [InlineData(Provider, "/etc/dashboards", "/var/dashboards", "is where Grafana looks for it")]
    [InlineData(
        Thanos,
        "--endpoint=thanos-store:10901",
        "--endpoint=thanos-store:10904",
        "does not listen on port 10904"
    )]
    [InlineData(Thanos, "--endpoint=thanos-store:10901", "--endpoint=thanos-stor:10901", "no service 'thanos-stor'")]
    [InlineData(Thanos, "--endpoint=", "--store=", "has no option --store")]
    [InlineData(Thanos, "127.0.0.1:10904:10904", "127.0.0.1:10904:10902", "on which it does not listen")]
    [InlineData(Thanos, "thanos:v0.42.4", "thanos:main", "has no version")]
    [InlineData(Thanos, ":-azurite.yml", ":-minio.yml", "to mount")]
    [InlineData(Store, "container: blocks", "container: block", "is not the container 'blocks'")]
    [InlineData(Store, "storage_create_container: false", "storage_create_container: true", "must not make")]
    [InlineData(
        Store,
        "BlobEndpoint=http://azurite:10000",
        "BlobEndpoint=http://azurite:10002",
        "BlobEndpoint is not at"
    )]
    [InlineData(Store, "storage_account:", "account:", "lacks the field storage_account")]
    public async Task Mistake_IsFound(string file, string old, string fresh, string problem)
    {
        var files = DeploymentFiles.Repository.With(file, old, fresh);
        var found = await ComposeStack.CheckAsync(files, [Stack, Thanos]);
        Assert.Contains(found, one => one.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Cluster, "to mount")]
    [InlineData(Rules, "warning")]
    [InlineData(Store, "to mount")]
    [InlineData("infra/container/Dockerfile", "to build the image from")]
    public async Task MissingFile_IsFound(string file, string problem)
    {
        var found = await ComposeStack.CheckAsync(DeploymentFiles.Repository.Without(file), [Stack, Thanos]);
        Assert.Contains(found, one => one.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Stack)]
    [InlineData(Stack, Thanos)]
    public async Task Config_ByDocker_IsTaken(params string[] files)
    {
        var docker = ToolRun.Find("docker");
        if (docker is null || (await ToolRun.RunAsync(docker, ["compose", "version"])).Code != 0)
        {
            Assert.Skip("Docker with Compose 2 is not installed");
        }
        var options = files.SelectMany(file => (string[])["-f", Path.Combine(Repository.Root, file)]);
        Assert.Equal((0, ""), await ToolRun.RunAsync(docker, ["compose", .. options, "config", "--quiet"]));
    }
}
