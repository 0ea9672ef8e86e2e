using System.IO.Compression;
using Tributary.Configuration;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>The installation in one file: again and again, upgrades that are taken back, what stays and what goes.</summary>
public sealed class InstallTests : IDisposable
{
    private const string Current = "opt/tributary/current";
    private const string Config = "etc/tributary/tributary.yml";
    private const string Variables = "etc/tributary/tributary.env";
    private const string Unit = "etc/systemd/system/tributary.service";
    private readonly InstallPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Install_Again_ChangesNothing()
    {
        await RunAsync("--from", place.Program(InstallPlace.Good));
        var before = place.Contents;
        Assert.Contains(
            before,
            line => line.StartsWith("etc/systemd/system/tributary.service ", StringComparison.Ordinal)
        );
        await RunAsync("install", "--from", place.Program(InstallPlace.Good));
        Assert.Equal(before, place.Contents);
        Assert.Empty(place.Calls.Where(call => !call.StartsWith("getent", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Install_Commands_MakeTheUserBeforeItIsNeededAndStartOnce()
    {
        string[] arguments = ["--from", place.Program(InstallPlace.Good), "--commands"];
        await RunAsync(arguments);
        Assert.Equal(
            [
                "getent group tributary",
                "groupadd --system tributary",
                "getent passwd tributary",
                "useradd --system --gid tributary --home-dir /var/lib/tributary --no-create-home --shell /usr/sbin/nologin tributary",
                $"chown root:tributary {place.Find("etc/tributary")} {place.Find(Config)} {place.Find(Variables)}",
                "systemctl daemon-reload",
                "systemctl enable --quiet tributary.service",
                "systemctl restart tributary.service",
                "systemctl is-active --quiet tributary.service",
            ],
            place.Calls
        );
        await RunAsync(arguments);
        Assert.Single(place.Calls, call => call == "systemctl restart tributary.service");
    }

    [Fact]
    public async Task Upgrade_KeepsSettingsAndTheVersionBefore()
    {
        await RunAsync("--from", place.Program(InstallPlace.Good));
        var first = Release();
        await File.WriteAllTextAsync(place.Find(Config), "global: {}\n", Token);
        await File.WriteAllTextAsync(place.Find(Variables), "A=b\n", Token);
        await RunAsync("--from", place.Program(InstallPlace.Good + "# 2\n"));
        var second = Release();
        Assert.NotEqual(first, second);
        Assert.True(Directory.Exists(place.Find("opt/tributary/" + first)));
        Assert.Equal("global: {}\n", await File.ReadAllTextAsync(place.Find(Config), Token));
        Assert.Equal("A=b\n", await File.ReadAllTextAsync(place.Find(Variables), Token));
        await RunAsync("--from", place.Program(InstallPlace.Good + "# 3\n"));
        Assert.True(Directory.Exists(place.Find("opt/tributary/" + second)));
        Assert.False(Directory.Exists(place.Find("opt/tributary/" + first)));
    }

    [Fact]
    public async Task Upgrade_ThatRefusesTheConfiguration_ChangesNothing()
    {
        await RunAsync("--from", place.Program(InstallPlace.Good), "--commands");
        await File.WriteAllTextAsync(place.Find(Variables), "# comment\nCLUSTERS_PASSWORD=\"a b\"\n", Token);
        var before = place.Contents;
        var calls = place.Calls.Count;
        var (code, output) = await place.RunAsync("--from", place.Program(InstallPlace.Refusing), "--commands");
        Assert.Equal(1, code);
        // The check has the service's variables.
        Assert.Contains("tributary.yml:1:1: a b", output, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", output, StringComparison.Ordinal);
        Assert.Equal(before, place.Contents);
        Assert.Equal(calls, place.Calls.Count);
    }

    [Fact]
    public async Task Upgrade_ThatEndsAtOnce_IsTakenBack()
    {
        await RunAsync("--from", place.Program(InstallPlace.Good), "--commands");
        var before = Release();
        var (code, output) = await place.RunAsync("--from", place.Program(InstallPlace.Ending), "--commands");
        Assert.Equal(1, code);
        Assert.Contains("the one before is back", output, StringComparison.Ordinal);
        Assert.Equal(before, Release());
        Assert.Equal("systemctl restart tributary.service", place.Calls[^1]);
    }

    [Fact]
    public async Task FirstInstall_ThatEndsAtOnce_SaysWhereToLook()
    {
        var (code, output) = await place.RunAsync("--from", place.Program(InstallPlace.Ending), "--commands");
        Assert.Equal(1, code);
        Assert.Contains("journalctl -u tributary", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DryRun_SaysEverythingAndDoesNothing()
    {
        var (code, output) = await place.RunAsync(
            "--from",
            place.Program(InstallPlace.Good),
            "--dry-run",
            "--commands"
        );
        Assert.Equal(0, code);
        Assert.Empty(place.Contents);
        Assert.All(place.Calls, call => Assert.StartsWith("getent", call, StringComparison.Ordinal));
        foreach (var part in (string[])["would: useradd", "would: systemctl restart", Unit, Config])
        {
            Assert.Contains(part, output, StringComparison.Ordinal);
        }
        await RunAsync("--from", place.Program(InstallPlace.Good));
        var before = place.Contents;
        await RunAsync("uninstall", "--purge", "--dry-run");
        Assert.Equal(before, place.Contents);
    }

    [Fact]
    public async Task Uninstall_KeepsSettingsUnlessTheyArePurged()
    {
        await RunAsync("--from", place.Program(InstallPlace.Good), "--commands");
        Directory.CreateDirectory(place.Find("var/lib/tributary/log"));
        await RunAsync("uninstall", "--commands");
        Assert.Contains("systemctl disable --now --quiet tributary.service", place.Calls);
        Assert.False(File.Exists(place.Find(Unit)));
        Assert.False(Directory.Exists(place.Find("opt/tributary")));
        Assert.True(File.Exists(place.Find(Config)));
        Assert.True(Directory.Exists(place.Find("var/lib/tributary/log")));
        var disabled = place.Calls.Count(call => call.Contains("disable", StringComparison.Ordinal));
        await RunAsync("uninstall", "--commands");
        Assert.Equal(disabled, place.Calls.Count(call => call.Contains("disable", StringComparison.Ordinal)));
        await RunAsync("uninstall", "--purge");
        Assert.DoesNotContain(place.Contents, line => line.Contains("tributary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zip_IsUnpackedOrSaysWhatIsMissing()
    {
        var zip = place.Program(InstallPlace.Good) + ".zip";
        await ZipFile.CreateFromDirectoryAsync(place.Program(InstallPlace.Good), zip, Token);
        var (code, output) = await place.RunAsync("--from", zip);
        if (ToolRun.Find("unzip") is null)
        {
            Assert.Equal((1, true), (code, output.Contains("unzip is not installed", StringComparison.Ordinal)));
            return;
        }
        Assert.True(code == 0, output);
        Assert.True(File.GetUnixFileMode(place.Find(Current + "/tributary")).HasFlag(UnixFileMode.OtherExecute));
    }

    [Theory]
    [InlineData(2, "--from PATH is missing")]
    [InlineData(2, "what is '--form'?", "--form", "x")]
    [InlineData(2, "--from needs a path", "--from")]
    [InlineData(1, "'/nowhere' does not exist", "--from", "/nowhere")]
    [InlineData(1, "this is not the program", "--from", "/bin")]
    [InlineData(2, "print what", "print", "files")]
    public async Task Mistake_IsNamed(int expected, string message, params string[] arguments)
    {
        var (code, output) = await place.RunAsync(arguments);
        Assert.Equal(expected, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Empty(place.Contents);
    }

    [Fact]
    public void Script_MayBeRun()
    {
        var mode = File.GetUnixFileMode(Path.Combine(Repository.Root, DeploymentFiles.Local, "install"));
        Assert.True(mode.HasFlag(UnixFileMode.UserExecute), $"{mode}");
    }

    [Fact]
    public async Task Unit_IsTheFileOfTheRepository()
    {
        var file = DeploymentFiles.Repository.Read(DeploymentFiles.Local + "/systemd/tributary.service");
        Assert.Equal((0, file), await place.RunRawAsync("print", "unit"));
    }

    [Fact]
    public async Task Skeletons_AreValid_AlsoWithoutTheirCommentSigns()
    {
        var (_, config) = await place.RunRawAsync("print", "config");
        var uncommented = config.Replace("\n  #", "\n  ", StringComparison.Ordinal);
        Assert.NotEqual(config, uncommented);
        foreach (var (text, jobs) in new[] { (config, 1), (uncommented, 2) })
        {
            var read = ConfigReader.Read(
                text.Replace("  Your clusters", "  # Your", StringComparison.Ordinal),
                "a.yml"
            );
            Assert.Equal(jobs, read.ScrapeConfigs.Count);
            Assert.Empty(read.Warnings);
        }
        var (_, environment) = await place.RunRawAsync("print", "environment");
        var named = environment
            .Split('\n')
            .Where(line => line.StartsWith("#TRIBUTARY_", StringComparison.Ordinal))
            .Select(line => line[1..line.IndexOf('=', StringComparison.Ordinal)])
            .ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, TributaryStart.Variables));
    }

    private string Release() => new FileInfo(place.Find(Current)).LinkTarget!;

    private async Task RunAsync(params string[] arguments)
    {
        var (code, output) = await place.RunAsync(arguments);
        Assert.True(code == 0, output);
    }
}
