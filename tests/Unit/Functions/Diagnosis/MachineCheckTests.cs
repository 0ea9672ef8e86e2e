using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;
using Tributary.Tests.Unit.HttpClients;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>Memory, disks, and who may ask.</summary>
public sealed class MachineCheckTests : IDisposable
{
    private const long Mebibyte = 1L << 20;
    private readonly DoctorPlace place = new();

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(4096, 0, "Ok", "4 GiB of memory for this process; one query may take 1 GiB")]
    [InlineData(512, 0, "Ok", "512 MiB of memory for this process; one query may take 128 MiB")]
    [InlineData(128, 0, "Warning", "128 MiB of memory for this process is little")]
    [InlineData(512, 400, "Warning", "512 MiB of memory for this process, and one query may take 400 MiB of it")]
    public void Check_Memory_IsComparedWithTheBudget(int memory, int query, string kind, string text)
    {
        var config = new CollectorConfig { Query = new QueryConfig(query == 0 ? null : query * Mebibyte) };
        var finding = Check(config, around => around with { MemoryBytes = memory * Mebibyte })
            .First(one => one.Text.Contains("of memory", StringComparison.Ordinal));
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.StartsWith(text, finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_000, "Ok")]
    [InlineData(500, "Warning")]
    [InlineData(10, "Failure")]
    public void Check_Disk_OfTheStoreIsLookedAt(int free, string kind)
    {
        var finding = Check(
                null,
                around =>
                    around with
                    {
                        Disk = folder => ((folder == "t" ? 10_000 : free) * Mebibyte, 20_000 * Mebibyte),
                    }
            )
            .First(one => one.Text.StartsWith("the store", StringComparison.Ordinal));
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Equal(kind != "Ok", finding.Advice.Contains("storage.tsdb.retention", StringComparison.Ordinal));
    }

    [Fact]
    public void Check_DiskOfTemporaryFiles_IsLookedAtToo()
    {
        var finding = Check(
                null,
                around => around with { Disk = folder => ((folder == "t" ? 10 : 10_000) * Mebibyte, 20_000 * Mebibyte) }
            )
            .Last();
        Assert.Equal(FindingKind.Failure, finding.Kind);
        Assert.Contains("TMPDIR", finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_DiskThatDoesNotSay_IsSkipped() =>
        Assert.Equal(FindingKind.Skipped, Check(null, around => around with { Disk = _ => null }).Last().Kind);

    [Theory]
    [InlineData("127.0.0.1:0", "{}", "Ok", "only this machine reaches")]
    [InlineData(":19090", "{}", "Warning", "everybody who reaches it reads everything")]
    [InlineData(":19090", "{bearer_tokens: [abcdefgh]}", "Warning", "over the network without TLS")]
    [InlineData("app", "{}", "Warning", "behind the Functions host every address with data answers 401")]
    [InlineData("app", "{bearer_tokens: [abcdefgh]}", "Ok", "credentials are needed")]
    [InlineData("func", "{}", "Ok", "on a developer's machine")]
    public async Task Access_CredentialsAndListener_AreJudged(string listen, string web, string kind, string text)
    {
        var host = listen is "app" or "func" ? new FunctionsHost(1, listen == "func", TimeSpan.FromMinutes(4)) : null;
        var settings = place.Settings("local:x", host is null ? listen : ":0", host);
        var config = ConfigReader.Read($"tributary: {{web: {web}}}", "t.yml");
        var findings = await DoctorPlace.LookAsync(found =>
        {
            new AccessCheck(settings, config, TimeProvider.System).Run(found);
            return Task.CompletedTask;
        });
        Assert.Equal(kind, findings.Max(one => one.Kind).ToString());
        Assert.Contains(findings, one => one.Text.Contains(text, StringComparison.Ordinal));
        Assert.All(findings, one => Assert.DoesNotContain("abcdefgh", one.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, "Ok")]
    [InlineData(30, "Warning")]
    public async Task Access_CertificateThatEndsSoon_IsSeen(int days, string kind)
    {
        using var authority = TestCertificates.Create();
        // Certificates of tests begin twenty days ago.
        using var certificate = authority.Server(["localhost"], days);
        var file = place.Write("cert.pem", certificate.ExportCertificatePem());
        var key = place.Write("key.pem", TestCertificates.KeyPem(certificate));
        var config = ConfigReader.Read(
            $"tributary: {{web: {{bearer_tokens: [abcdefgh], tls_server_config: {{cert_file: '{file}', key_file: '{key}'}}}}}}",
            "t.yml"
        );
        var findings = await DoctorPlace.LookAsync(found =>
        {
            new AccessCheck(place.Settings("local:x", ":1"), config, TimeProvider.System).Run(found);
            return Task.CompletedTask;
        });
        Assert.Equal(kind, findings.Max(one => one.Kind).ToString());
        Assert.Contains(
            findings,
            one => one.Text.StartsWith($"the certificate {file} ends at", StringComparison.Ordinal)
        );
    }

    private IReadOnlyList<Finding> Check(CollectorConfig? config, Func<Surroundings, Surroundings> change)
    {
        var around = change(
            new Surroundings(place.Environment, TimeProvider.System)
            {
                TemporaryFolder = "t",
                MemoryBytes = 4096 * Mebibyte,
            }
        );
        var findings = new FindingList();
        new MachineCheck(place.Settings("local:s"), config, around).Run(findings);
        return findings.All;
    }
}
