using Tributary.Configuration;
using Tributary.Configuration.Http;

namespace Tributary.Tests.Unit.Configuration;

/// <summary><c>remote_write</c> as records.</summary>
public sealed class RemoteWriteReaderTests
{
    private const string Id = "00000000-0000-0000-0000-000000000001";

    [Fact]
    public void Defaults_AreThoseOfPrometheus()
    {
        var one = Assert.Single(Read("- url: http://h/write").RemoteWrites);
        Assert.Equal((new Uri("http://h/write"), TimeSpan.FromSeconds(30)), (one.Url, one.Timeout));
        Assert.Equal(new WriteQueueConfig(), one.Queue);
        Assert.Equal(new WriteMetadataConfig(), one.Metadata);
        Assert.Equal((false, false, false), (one.UsesVersion2, one.SendNativeHistograms, one.Http.EnableHttp2));
        Assert.Equal(6, one.Name.Length);
    }

    [Fact]
    public void Everything_IsRead()
    {
        var one = Assert.Single(
            Read(
                """
                - url: https://h/write
                  name: there
                  remote_timeout: 7s
                  headers: { X-Scope-OrgID: team }
                  write_relabel_configs: [{ source_labels: [a], action: drop }]
                  send_native_histograms: true
                  protobuf_message: io.prometheus.write.v2.Request
                  queue_config:
                    capacity: 11
                    max_shards: 12
                    min_shards: 2
                    max_samples_per_send: 13
                    batch_send_deadline: 14s
                    min_backoff: 15ms
                    max_backoff: 16s
                    retry_on_http_429: true
                    sample_age_limit: 17m
                  metadata_config: { send: false, send_interval: 18s, max_samples_per_send: 19 }
                  basic_auth: { username: u, password_file: p }
                """
            ).RemoteWrites
        );
        Assert.Equal(("there", "team"), (one.Name, one.Headers["x-scope-orgid"]));
        Assert.Equal((true, true, 7), (one.UsesVersion2, one.SendNativeHistograms, one.Timeout.TotalSeconds));
        Assert.Single(one.RelabelConfigs);
        Assert.Equal(
            new WriteQueueConfig
            {
                Capacity = 11,
                MaxShards = 12,
                MinShards = 2,
                MaxSamplesPerSend = 13,
                BatchSendDeadline = TimeSpan.FromSeconds(14),
                MinBackoff = TimeSpan.FromMilliseconds(15),
                MaxBackoff = TimeSpan.FromSeconds(16),
                RetryOnTooMany = true,
                SampleAgeLimit = TimeSpan.FromMinutes(17),
            },
            one.Queue
        );
        Assert.Equal(
            new WriteMetadataConfig
            {
                IsSent = false,
                Interval = TimeSpan.FromSeconds(18),
                MaxPerSend = 19,
            },
            one.Metadata
        );
        Assert.Equal("u", one.Http.BasicAuth!.Username.Text);
    }

    /// <summary>The key is what the cursor is called: only name or address make another destination.</summary>
    [Fact]
    public void Key_FollowsFromNameOrAddress()
    {
        string KeyOf(string item) => Read(item).RemoteWrites[0].Key;
        Assert.Equal(KeyOf("- {url: 'http://h', name: a}"), KeyOf("- {url: 'http://other', name: a}"));
        Assert.Equal(KeyOf("- {url: 'http://h'}"), KeyOf("- {url: 'http://h', remote_timeout: 1s}"));
        Assert.NotEqual(KeyOf("- {url: 'http://h'}"), KeyOf("- {url: 'http://other'}"));
        Assert.NotEqual(KeyOf("- {url: 'http://h'}"), KeyOf("- {url: 'http://h', name: 'http://h'}"));
        var twice = Read("- {url: 'http://h'}\n- {url: 'http://h', remote_timeout: 1s}").RemoteWrites;
        Assert.NotEqual(twice[0].Key, twice[1].Key);
    }

    [Theory]
    [InlineData("managed_identity: {}", AzureAdMethod.ManagedIdentity, "", "")]
    [InlineData($"managed_identity: {{client_id: {Id}}}", AzureAdMethod.ManagedIdentity, Id, "")]
    [InlineData($"workload_identity: {{client_id: {Id}, tenant_id: {Id}}}", AzureAdMethod.WorkloadIdentity, Id, Id)]
    [InlineData($"oauth: {{client_id: {Id}, client_secret: s, tenant_id: {Id}}}", AzureAdMethod.OAuth, Id, Id)]
    [InlineData($"sdk: {{tenant_id: {Id}}}", AzureAdMethod.Sdk, "", Id)]
    [InlineData(
        $"certificate: {{client_id: {Id}, tenant_id: {Id}, certificate_path: c}}",
        AzureAdMethod.Certificate,
        Id,
        Id
    )]
    public void AzureAd_IsRead(string method, AzureAdMethod expected, string clientId, string tenantId)
    {
        var azure = Read($"- url: http://h\n  azuread:\n    {method}").RemoteWrites[0].Http.AzureAd!;
        Assert.Equal((expected, clientId, tenantId), (azure.Method, azure.ClientId, azure.TenantId));
        Assert.Equal("https://monitor.azure.com//.default", azure.Scope);
        Assert.Equal(expected is AzureAdMethod.OAuth ? "s" : null, azure.ClientSecret?.Text);
    }

    [Theory]
    [InlineData("AzureGovernment", "https://monitor.azure.us//.default")]
    [InlineData("AzureChina", "https://monitor.azure.cn//.default")]
    public void AzureAd_ScopeFollowsFromTheCloud(string cloud, string scope)
    {
        var read = Read($"- url: http://h\n  azuread: {{cloud: {cloud}, managed_identity: {{}}}}");
        Assert.Equal(scope, read.RemoteWrites[0].Http.AzureAd!.Scope);
    }

    [Theory]
    [InlineData("sigv4: {}")]
    [InlineData("google_iam: {credentials_file: f}")]
    public void DestinationThatCannotBeServed_IsNone(string field) =>
        Assert.Empty(Read($"- url: http://h\n  {field}").RemoteWrites);

    [Fact]
    public void MaxAge_IsADayUnlessSaid()
    {
        Assert.Equal(TimeSpan.FromHours(24), Read("  []").RemoteWriteMaxAge);
        var said = ConfigReader.Read("tributary: {remote_write: {max_age: 3h}}\n", "t.yml", _ => null);
        Assert.Equal(TimeSpan.FromHours(3), said.RemoteWriteMaxAge);
    }

    private static CollectorConfig Read(string items) =>
        ConfigReader.Read($"remote_write:\n{items}\n", "t.yml", _ => null);
}
