using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Functions.CommandLine;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>One or several compose files as <c>docker compose</c> would put them together, checked.</summary>
internal sealed partial class ComposeStack
{
    /// <summary>https://github.com/compose-spec/compose-spec: of its fields, those that the files use.</summary>
    private static readonly YamlShape Shape = YamlShape.Of(
        """
        name!
        services! { * {
          image build { context! dockerfile } command entrypoint environment { * } volumes ports depends_on~
          healthcheck { test! interval timeout retries start_period }
          read_only tmpfs cap_drop security_opt stop_grace_period restart
        } }
        volumes { * { } }
        """
    );

    private static readonly string[] RestartPolicies = ["no", "always", "on-failure", "unless-stopped"];

    private readonly DeploymentFiles files;
    private readonly List<string> problems;
    private readonly Dictionary<string, ComposeService> services = new(StringComparer.Ordinal);
    private readonly HashSet<string> volumes = new(StringComparer.Ordinal);

    private ComposeStack(DeploymentFiles files, List<string> problems)
    {
        this.files = files;
        this.problems = problems;
    }

    /// <summary>Everything that is wrong with compose files and what they mount.</summary>
    /// <param name="files">The repository's files.</param>
    /// <param name="names">The compose files.</param>
    /// <param name="variables">The environment of <c>docker compose</c>.</param>
    public static async Task<IReadOnlyList<string>> CheckAsync(
        DeploymentFiles files,
        IReadOnlyList<string> names,
        IReadOnlyDictionary<string, string>? variables = null
    )
    {
        var problems = new List<string>();
        var stack = new ComposeStack(files, problems);
        foreach (var name in names)
        {
            stack.Read(name, variables ?? new Dictionary<string, string>(StringComparer.Ordinal));
        }
        stack.CheckServices();
        var settings = await stack.StartAsync();
        await stack.CheckHealthAsync();
        var ports = stack.services.ToDictionary(
            one => one.Key,
            one => ComposePrograms.PortsOf(one.Value, settings),
            StringComparer.Ordinal
        );
        stack.CheckPorts(ports);
        new ComposeReferences(files, stack.services, ports, problems).Check(settings);
        return problems;
    }

    private void Read(string file, IReadOnlyDictionary<string, string> variables)
    {
        var root = files.Yaml(file, problems);
        Shape.Check(root, file, problems);
        if (root.At("name").Text() is { } name && !ProjectName().IsMatch(name))
        {
            problems.Add($"{file}: name cannot be '{name}': small letters, digits, - and _");
        }
        foreach (var entry in root.At("services").Entries())
        {
            services[entry.Key] = new ComposeService(file, entry.Key, entry.Value, variables, problems);
        }
        volumes.UnionWith(root.At("volumes").Entries().Select(entry => entry.Key));
    }

    private void CheckServices()
    {
        foreach (var service in services.Values)
        {
            CheckImage(service);
            CheckMounts(service);
            CheckDependencies(service);
            CheckValues(service);
        }
        var used = services.Values.SelectMany(service => service.Mounts).Select(mount => mount.Source);
        problems.AddRange(volumes.Except(used).Select(name => $"the volume '{name}' is not used"));
    }

    private void CheckImage(ComposeService service)
    {
        var tag = service.Image[service.Repository.Length..].TrimStart(':');
        if (service.Node.At("build") is { } build)
        {
            var folder = Path.GetDirectoryName(service.File)!;
            var context = DeploymentFiles.Join(folder, build.At("context").Text() ?? ".");
            var file = DeploymentFiles.Join(context, build.At("dockerfile").Text() ?? "Dockerfile");
            if (files.Find(file) is null)
            {
                problems.Add($"{service.Where}: there is no '{file}' to build the image from");
            }
        }
        else if (!tag.Any(char.IsAsciiDigit))
        {
            problems.Add($"{service.Where}: the image '{service.Image}' has no version");
        }
    }

    private void CheckMounts(ComposeService service)
    {
        foreach (var mount in service.Mounts)
        {
            if (mount.IsBind && !files.Exists(mount.Source))
            {
                problems.Add($"{service.Where}: there is no '{mount.Source}' to mount");
            }
            else if (!mount.IsBind && !volumes.Contains(mount.Source))
            {
                problems.Add($"{service.Where}: the volume '{mount.Source}' is not declared");
            }
        }
        if (ComposePrograms.DataOf(service) is { } data && !service.Mounts.Exists(mount => mount.Target == data))
        {
            problems.Add($"{service.Where}: what it writes to '{data}' does not last");
        }
        foreach (var group in service.Mounts.GroupBy(mount => mount.Target).Where(group => group.Count() > 1))
        {
            problems.Add($"{service.Where}: two volumes at '{group.Key}'");
        }
    }

    private void CheckDependencies(ComposeService service)
    {
        var node = service.Node.At("depends_on");
        foreach (var name in node.Texts().Concat(node.Entries().Select(entry => entry.Key)))
        {
            if (!services.TryGetValue(name, out var other))
            {
                problems.Add($"{service.Where}: depends on '{name}', which is no service");
            }
            else if (node.At(name, "condition").Text() is not (null or "service_healthy" or "service_started"))
            {
                problems.Add($"{service.Where}: waits for '{name}' under a condition that there is not");
            }
            else if (Needs(other, service.Name, []))
            {
                problems.Add($"{service.Where}: waits for '{name}', which waits for it");
            }
            else if (node.At(name, "condition").Text() is "service_healthy" && other.Node.At("healthcheck") is null)
            {
                problems.Add($"{service.Where}: waits for the health of '{name}', which has no health check");
            }
        }
    }

    /// <summary>Whether a service waits for another, be it by way of others.</summary>
    private bool Needs(ComposeService service, string name, HashSet<string> seen)
    {
        var node = service.Node.At("depends_on");
        var others = node.Texts().Concat(node.Entries().Select(entry => entry.Key)).ToList();
        return others.Contains(name, StringComparer.Ordinal)
            || others.Exists(other =>
                seen.Add(other) && services.TryGetValue(other, out var one) && Needs(one, name, seen)
            );
    }

    /// <summary>What we build may do what it needs, and nothing else.</summary>
    private void CheckOwn(ComposeService service)
    {
        foreach (var field in (string[])["read_only", "cap_drop", "security_opt", "healthcheck", "restart"])
        {
            if (service.Node.At(field) is null)
            {
                problems.Add($"{service.Where}: lacks {field}");
            }
        }
    }

    private void CheckValues(ComposeService service)
    {
        if (service.Node.At("build") is not null)
        {
            CheckOwn(service);
        }
        if (service.Node.At("read_only").Text() is "true" && !service.Mounts.Exists(mount => mount.Target == "/tmp"))
        {
            problems.Add($"{service.Where}: has no /tmp to write to");
        }
        Check("restart", text => RestartPolicies.Contains(text, StringComparer.Ordinal));
        Check("stop_grace_period", Duration().IsMatch);
        foreach (var field in (string[])["interval", "timeout", "start_period"])
        {
            Check("healthcheck", Duration().IsMatch, field);
        }
        Check(
            "healthcheck",
            text => int.TryParse(text, CultureInfo.InvariantCulture, out var times) && times > 0,
            "retries"
        );
        Check("read_only", text => text is "true" or "false");
        foreach (var entry in service.Node.At("environment").Entries().Where(entry => !entry.Value.IsText()))
        {
            problems.Add($"{service.Where}: {entry.Key} has to be in quotes: it is no text");
        }
        if (service.Node.At("cap_drop") is { } dropped && dropped.Texts() is not ["ALL"])
        {
            problems.Add($"{service.Where}: has to drop ALL capabilities");
        }
        if (service.Node.At("security_opt") is { } options && options.Texts() is not ["no-new-privileges:true"])
        {
            problems.Add($"{service.Where}: there is no such security option");
        }

        void Check(string field, Func<string, bool> isRight, params string[] inner)
        {
            if (service.Node.At([field, .. inner]).Text() is { } text && !isRight(text))
            {
                problems.Add($"{service.Where}: {string.Join('.', [field, .. inner])} cannot be '{text}'");
            }
        }
    }

    /// <summary>The settings of Tributary, when it is one of the services.</summary>
    private async Task<Settings?> StartAsync()
    {
        foreach (var service in services.Values.Where(service => service.Repository != ComposePrograms.Tributary))
        {
            ComposePrograms.CheckOptions(service, problems);
        }
        return services.Values.SingleOrDefault(service => service.Repository == ComposePrograms.Tributary) is { } own
            ? await TributaryStart.ReadAsync(
                own.Where,
                own.Arguments,
                own.Environment,
                path => own.FileAt(path, files) is not null,
                problems
            )
            : null;
    }

    /// <summary>A health check of Tributary's calls the executable that the image has, as it wants to be called.</summary>
    private async Task CheckHealthAsync()
    {
        foreach (var service in services.Values.Where(service => service.Node.At("build") is not null))
        {
            string[] test = [.. service.Node.At("healthcheck", "test").Texts()];
            var entry = ContainerImage.Read(files).Entry;
            if (test is not ["CMD", var program, ..] || program != entry)
            {
                problems.Add($"{service.Where}: its health check is not the image's {entry}");
                continue;
            }
            await TributaryStart.CheckAsync($"{service.Where}: health check", test[2..], problems);
        }
    }

    private void CheckPorts(Dictionary<string, IReadOnlyList<int>> ports)
    {
        foreach (var service in services.Values)
        {
            problems.AddRange(
                service
                    .Ports.Where(port => !ports[service.Name].Contains(port.Inside))
                    .Select(port => $"{service.Where}: publishes port {port.Inside}, on which it does not listen")
            );
        }
        var twice = services.Values.SelectMany(service => service.Ports).GroupBy(port => port.Outside);
        problems.AddRange(
            twice.Where(group => group.Count() > 1).Select(group => $"port {group.Key} is published twice")
        );
        problems.AddRange(
            services
                .Values.SelectMany(service => service.Ports)
                .Where(port => port.Outside is 0 or > ushort.MaxValue)
                .Select(port => $"there is no port {port.Outside}")
        );
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex ProjectName();

    [GeneratedRegex("^[0-9]+(ms|s|m|h)$", RegexOptions.NonBacktracking)]
    private static partial Regex Duration();
}
