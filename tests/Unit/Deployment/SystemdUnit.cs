using Tributary.Functions.CommandLine;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>A unit file of systemd, and what is wrong with it.</summary>
internal sealed class SystemdUnit
{
    private const string LocalStorage = "local:";

    /// <summary>What keeps it from doing more than it needs, with its value: one that is weaker looks like hardening, and is none.</summary>
    public static IReadOnlyDictionary<string, string> Hardening { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["NoNewPrivileges"] = "yes",
            ["CapabilityBoundingSet"] = "",
            ["AmbientCapabilities"] = "",
            ["ProtectSystem"] = "strict",
            ["ProtectHome"] = "yes",
            ["PrivateTmp"] = "yes",
            ["PrivateDevices"] = "yes",
            ["DevicePolicy"] = "closed",
            ["ProtectClock"] = "yes",
            ["ProtectControlGroups"] = "yes",
            ["ProtectHostname"] = "yes",
            ["ProtectKernelLogs"] = "yes",
            ["ProtectKernelModules"] = "yes",
            ["ProtectKernelTunables"] = "yes",
            ["ProtectProc"] = "invisible",
            ["RemoveIPC"] = "yes",
            ["KeyringMode"] = "private",
            ["LockPersonality"] = "yes",
            ["RestrictAddressFamilies"] = "AF_INET AF_INET6 AF_UNIX AF_NETLINK",
            ["RestrictNamespaces"] = "yes",
            ["RestrictRealtime"] = "yes",
            ["RestrictSUIDSGID"] = "yes",
            ["SystemCallArchitectures"] = "native",
            ["SystemCallFilter"] = "@system-service, ~@privileged",
            ["SystemCallErrorNumber"] = "EPERM",
        };

    /// <summary>How it runs, with the reason.</summary>
    private static readonly (string Key, string Value, string Why)[] Running =
    [
        ("Type", "exec", "the server tells systemd nothing; exec says whether it could be started"),
        ("User", "tributary", "the installation makes this user"),
        ("Group", "tributary", "the installation makes this group"),
        ("ExecReload", "/bin/kill -HUP $MAINPID", "SIGHUP reads the configuration again"),
        ("StateDirectoryMode", "0750", "samples are not for everybody on the machine"),
        ("UMask", "0027", "samples are not for everybody on the machine"),
        ("Restart", "always", "what ended it may be over"),
        ("WantedBy", "multi-user.target", "it starts with the machine"),
        ("After", "network-online.target", "sources are asked at once"),
        ("Wants", "network-online.target", "nothing else may want it"),
    ];

    /// <summary>Of systemd.unit(5), systemd.service(5), systemd.exec(5), what the unit uses.</summary>
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["Unit"] = "Description Documentation Wants After",
        ["Service"] =
            "Type User Group ExecStart ExecReload Environment EnvironmentFile WorkingDirectory StateDirectory "
            + "StateDirectoryMode UMask LimitNOFILE TimeoutStopSec Restart RestartSec RestartPreventExitStatus "
            + string.Join(' ', Hardening.Keys),
        ["Install"] = "WantedBy",
    };

    private readonly List<(string Section, string Key, string Value)> lines = [];

    private SystemdUnit() { }

    /// <summary>Everything that is wrong with a unit that is installed beside some files.</summary>
    /// <param name="text">The unit.</param>
    /// <param name="installed">The files that the installation makes, by their paths.</param>
    public static async Task<IReadOnlyList<string>> CheckAsync(string text, IReadOnlySet<string> installed)
    {
        var problems = new List<string>();
        var unit = Read(text, problems);
        foreach (var (key, value) in Hardening)
        {
            var given = string.Join(", ", unit.Values(key));
            if (!unit.Has(key))
            {
                problems.Add($"the unit lacks {key}: it may do more than it needs");
            }
            else if (given != value)
            {
                problems.Add($"{key} has to be '{value}', not '{given}': it may do more than it needs, or cannot run");
            }
        }
        problems.AddRange(
            Running
                .Where(one => unit.Value(one.Key) != one.Value)
                .Select(one => $"{one.Key} has to be {one.Value}: {one.Why}")
        );
        if (unit.Has("MemoryDenyWriteExecute"))
        {
            problems.Add("MemoryDenyWriteExecute keeps .NET from starting");
        }
        await unit.CheckStartAsync(installed, problems);
        return problems;
    }

    /// <summary>The environment that the unit sets by itself.</summary>
    private Dictionary<string, string> Environment() =>
        Values("Environment")
            .Select(value => value.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : "", StringComparer.Ordinal);

    private static SystemdUnit Read(string text, List<string> problems)
    {
        var unit = new SystemdUnit();
        var section = "";
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line is ['[', .., ']'])
            {
                section = line[1..^1];
                continue;
            }
            var (key, value) = line.Split('=', 2) is [var name, var rest] ? (name, rest) : (line, "");
            unit.lines.Add((section, key, value));
            if (!Known.TryGetValue(section, out var keys) || !keys.Split(' ').Contains(key, StringComparer.Ordinal))
            {
                problems.Add($"there is no {key}= in [{section}]");
            }
        }
        return unit;
    }

    private bool Has(string key) => lines.Exists(line => line.Key == key);

    private IEnumerable<string> Values(string key) => lines.Where(line => line.Key == key).Select(line => line.Value);

    private string? Value(string key) => Values(key).LastOrDefault();

    private async Task CheckStartAsync(IReadOnlySet<string> installed, List<string> problems)
    {
        var words = (Value("ExecStart") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || !installed.Contains(words[0]))
        {
            problems.Add($"ExecStart={words.FirstOrDefault()} is not installed");
        }
        foreach (var file in Values("EnvironmentFile").Where(file => !installed.Contains(file.TrimStart('-'))))
        {
            problems.Add($"EnvironmentFile={file} is not installed");
        }
        var settings = await TributaryStart.ReadAsync(
            "ExecStart",
            [.. words.Skip(1)],
            Environment(),
            installed.Contains,
            problems
        );
        var state = "/var/lib/" + Value("StateDirectory");
        if (settings is not null && settings.Storage != LocalStorage + state)
        {
            problems.Add(
                $"the storage {settings.StorageText} is not the StateDirectory, where alone the service may write"
            );
        }
        if (settings is { Listen.IsLoopback: false })
        {
            problems.Add("it has no credentials yet, and listens on more than loopback");
        }
        if (settings?.Config is null)
        {
            problems.Add("it has no configuration");
        }
        // /tmp is in memory on some machines.
        if (Environment().GetValueOrDefault("TMPDIR") != "/var/tmp" || Value("PrivateTmp") != "yes")
        {
            problems.Add("TMPDIR has to be the service's own /var/tmp");
        }
        if (Value("WorkingDirectory") != state)
        {
            problems.Add($"WorkingDirectory has to be {state}");
        }
        if (Value("RestartPreventExitStatus") != $"{ExitCode.Usage}")
        {
            problems.Add($"exit status {ExitCode.Usage} is a wrong setting: it must not be started again and again");
        }
    }
}
