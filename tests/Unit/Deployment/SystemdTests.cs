using System.Globalization;
using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>The unit by our own check, with mistakes put in, and by systemd's own where that is installed.</summary>
public sealed partial class SystemdTests : IDisposable
{
    private const string File = DeploymentFiles.Local + "/systemd/tributary.service";
    private const string Advice = "on Debian or Ubuntu run 'apt-get install systemd'";
    private const double WorstScore = 3.0;
    private readonly InstallPlace place = new();

    private static string Text => DeploymentFiles.Repository.Read(File);

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Unit_HasNoMistakes()
    {
        Assert.Empty(await SystemdUnit.CheckAsync(Text, await InstalledAsync()));
    }

    [Theory]
    [InlineData("tributary serve", "tributary serve --listen-address :1", "serves nothing")]
    [InlineData("tributary serve", "tributary server", "serves nothing")]
    [InlineData("tributary serve", "tributary serve --storage /var/lib/tributary", "--storage")]
    [InlineData("/opt/tributary/current/tributary", "/opt/tributary/tributary", "is not installed")]
    [InlineData(
        "EnvironmentFile=-/etc/tributary/tributary.env",
        "EnvironmentFile=/etc/default/tributary",
        "is not installed"
    )]
    [InlineData("TRIBUTARY_CONFIG=", "TRIBUTARY_CONF=", "nothing reads the environment variable TRIBUTARY_CONF")]
    [InlineData("=/etc/tributary/tributary.yml", "=/etc/tributary.yml", "does not exist")]
    [InlineData("local:/var/lib/tributary", "local:/var/tributary", "is not the StateDirectory")]
    [InlineData("StateDirectory=tributary", "StateDirectory=tributary-data", "is not the StateDirectory")]
    [InlineData("127.0.0.1:19090", ":19090", "more than loopback")]
    [InlineData("127.0.0.1:19090", "127.0.0.1", "--listen")]
    [InlineData("ProtectHome=yes", "ProtectHomes=yes", "no ProtectHomes= in [Service]")]
    [InlineData("[Install]\nWantedBy", "[Install]\nWantedFor", "no WantedFor= in [Install]")]
    [InlineData("SystemCallFilter=", "# ", "lacks SystemCallFilter")]
    [InlineData("NoNewPrivileges=yes\n", "", "lacks NoNewPrivileges")]
    [InlineData("RemoveIPC=yes", "MemoryDenyWriteExecute=yes", "keeps .NET from starting")]
    [InlineData("TMPDIR=/var/tmp", "TMPDIR=/tmp", "TMPDIR has to be")]
    [InlineData("NoNewPrivileges=yes", "NoNewPrivileges=no", "NoNewPrivileges has to be 'yes', not 'no'")]
    [InlineData("ProtectSystem=strict", "ProtectSystem=full", "ProtectSystem has to be 'strict'")]
    [InlineData("CapabilityBoundingSet=", "CapabilityBoundingSet=CAP_SYS_ADMIN", "CapabilityBoundingSet has to be ''")]
    [InlineData("SystemCallFilter=~@privileged\n", "", "SystemCallFilter has to be '@system-service, ~@privileged'")]
    [InlineData("AF_INET AF_INET6", "AF_INET6", "RestrictAddressFamilies has to be")]
    [InlineData("Type=exec", "Type=notify", "Type has to be exec")]
    [InlineData("User=tributary", "User=root", "User has to be tributary")]
    [InlineData("Group=tributary", "Group=tributery", "Group has to be tributary")]
    [InlineData("-HUP $MAINPID", "-USR1 $MAINPID", "ExecReload has to be")]
    [InlineData("Restart=always", "Restart=allways", "Restart has to be always")]
    [InlineData("StateDirectoryMode=0750", "StateDirectoryMode=0777", "StateDirectoryMode has to be 0750")]
    [InlineData("multi-user.target", "multi-user.traget", "WantedBy has to be multi-user.target")]
    [InlineData("WorkingDirectory=/var/lib/tributary", "WorkingDirectory=/opt/tributary", "WorkingDirectory has to be")]
    [InlineData("RestartPreventExitStatus=2", "RestartPreventExitStatus=3", "again and again")]
    public async Task Mistake_IsFound(string old, string fresh, string problem)
    {
        var text = DeploymentFiles.Repository.With(File, old, fresh).Read(File);
        var found = await SystemdUnit.CheckAsync(text, await InstalledAsync());
        Assert.Contains(found, one => one.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_BySystemd_HasNothingToSay()
    {
        Assert.Empty(await VerifyAsync(Text));
    }

    [Fact]
    public async Task Verify_BySystemd_FindsAMistake()
    {
        var found = await VerifyAsync(Text.Replace("ProtectHome=yes", "ProtectHomes=yes", StringComparison.Ordinal));
        Assert.Contains(found, line => line.Contains("ProtectHomes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exposure_BySystemd_IsSmall()
    {
        Assert.InRange(await ExposureAsync(Text), 0, WorstScore);
    }

    [Fact]
    public async Task Exposure_WithoutHardening_IsNot()
    {
        var lines = Text.Split('\n')
            .Where(line =>
                !SystemdUnit.Hardening.Keys.Any(key => line.StartsWith(key + "=", StringComparison.Ordinal))
            );
        Assert.True(await ExposureAsync(string.Join('\n', lines)) > WorstScore);
    }

    /// <summary>
    /// What <c>systemd-analyze verify</c> says of the unit, and not of others that the machine has. The program is one that
    /// every machine has.
    /// </summary>
    private async Task<IReadOnlyList<string>> VerifyAsync(string text)
    {
        var tool = ToolRun.Need("systemd-analyze", Advice);
        var file = Write(text.Replace("/opt/tributary/current/tributary", "/bin/true", StringComparison.Ordinal));
        var (_, output) = await ToolRun.RunAsync(tool, ["verify", "--man=no", file]);
        return [.. output.Split('\n').Where(line => line.Contains("tributary.service", StringComparison.Ordinal))];
    }

    private async Task<double> ExposureAsync(string text)
    {
        var tool = ToolRun.Need("systemd-analyze", Advice);
        var (_, output) = await ToolRun.RunAsync(tool, ["security", "--offline=true", "--no-pager", Write(text)]);
        var match = Overall().Match(output);
        Assert.True(match.Success, output);
        return double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
    }

    private string Write(string text)
    {
        var file = Path.Combine(Directory.CreateDirectory(place.Find("unit")).FullName, "tributary.service");
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    /// <summary>The paths that the installation makes, as the machine has them.</summary>
    private async Task<HashSet<string>> InstalledAsync()
    {
        var (code, output) = await place.RunAsync("--from", place.Program(InstallPlace.Good));
        Assert.True(code == 0, output);
        return Directory
            .EnumerateFiles(place.Root, "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(place.Find("opt/tributary/current")))
            .Select(path => path[place.Root.Length..])
            .ToHashSet(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"Overall exposure level for tributary\.service: ([0-9.]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Overall();
}
