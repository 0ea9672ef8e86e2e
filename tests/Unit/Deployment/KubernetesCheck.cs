using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Endpoints;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>Whether the objects of a manifest fit together, and to the code.</summary>
internal sealed class KubernetesCheck
{
    /// <summary>What the pod's file system has besides volumes.</summary>
    private const string LocalStorage = "local:";

    /// <summary>The resources that a role of <c>kubernetes_sd_configs</c> lists: docs/discovery.md.</summary>
    private static readonly Dictionary<KubernetesRole, string[]> Rights = new()
    {
        [KubernetesRole.Node] = ["/nodes"],
        [KubernetesRole.Pod] = ["/pods"],
        [KubernetesRole.Service] = ["/services"],
        [KubernetesRole.Endpoints] = ["/endpoints", "/services", "/pods"],
        [KubernetesRole.EndpointSlice] = ["discovery.k8s.io/endpointslices", "/services", "/pods"],
        [KubernetesRole.Ingress] = ["networking.k8s.io/ingresses"],
    };

    private readonly KubernetesManifest manifest;
    private readonly List<string> problems;
    private readonly KubernetesObject set;
    private readonly YamlNode? pod;
    private readonly YamlNode? container;
    private readonly Dictionary<string, int> ports;

    private KubernetesCheck(KubernetesManifest manifest, List<string> problems)
    {
        (this.manifest, this.problems) = (manifest, problems);
        set = manifest.Of("StatefulSet").Single();
        pod = set.Node.At("spec", "template", "spec");
        container = pod.At("containers").Items().Single();
        ports = container
            .At("ports")
            .Items()
            .ToDictionary(port => port.At("name").Text() ?? "", port => Number(port.At("containerPort")));
    }

    /// <summary>Everything that is wrong with a manifest.</summary>
    /// <param name="files">The repository's files.</param>
    /// <param name="file">The manifest.</param>
    /// <param name="page">The page that says how the secret is made.</param>
    public static async Task<IReadOnlyList<string>> CheckAsync(DeploymentFiles files, string file, string page)
    {
        var problems = new List<string>();
        var manifest = KubernetesManifest.Read(files, file, problems);
        if (problems.Count == 0)
        {
            var check = new KubernetesCheck(manifest, problems);
            check.CheckNames();
            check.CheckSelectors();
            check.CheckPorts();
            check.CheckSecurity(ContainerImage.Read(files).User);
            check.CheckVolumes(files.Read(page));
            check.CheckMemory();
            check.CheckPage(files.Read(page));
            await check.CheckServerAsync();
        }
        return problems;
    }

    private void CheckNames()
    {
        foreach (var one in manifest.Objects)
        {
            if (one.Namespace is { } space && manifest.Find("Namespace", space) is null)
            {
                problems.Add($"{one}: there is no Namespace {space}");
            }
        }
        Expect("ServiceAccount", pod.At("serviceAccountName").Text(), set);
        Expect("Service", set.Node.At("spec", "serviceName").Text(), set);
        foreach (var binding in manifest.Of("ClusterRoleBinding"))
        {
            Expect(binding.Node.At("roleRef", "kind").Text()!, binding.Node.At("roleRef", "name").Text(), binding);
            foreach (var subject in binding.Node.At("subjects").Items())
            {
                Expect(subject.At("kind").Text()!, subject.At("name").Text(), binding);
                Expect("Namespace", subject.At("namespace").Text(), binding);
            }
        }
        var image = container.At("image").Text() ?? "";
        if (!image[(image.LastIndexOf('/') + 1)..].Split(':').Skip(1).Any(tag => tag.Any(char.IsAsciiDigit)))
        {
            problems.Add($"{set}: the image '{image}' has no version");
        }
    }

    private void CheckSelectors()
    {
        var labels = set.Node.At("spec", "template", "metadata", "labels").Map();
        Match(set, set.Node.At("spec", "selector", "matchLabels"));
        foreach (var service in manifest.Of("Service"))
        {
            Match(service, service.Node.At("spec", "selector"));
        }
        foreach (var policy in manifest.Of("NetworkPolicy"))
        {
            Match(policy, policy.Node.At("spec", "podSelector", "matchLabels"));
        }

        void Match(KubernetesObject one, YamlNode? selector) =>
            problems.AddRange(
                selector
                    .Map()
                    .Where(label => labels.GetValueOrDefault(label.Key) != label.Value)
                    .Select(label => $"{one}: selects {label.Key}={label.Value}, which the pods do not have")
            );
    }

    private void CheckPorts()
    {
        foreach (var service in manifest.Of("Service"))
        {
            foreach (var port in service.Node.At("spec", "ports").Items())
            {
                ExpectPort(service, port.At("targetPort").Text() ?? port.At("port").Text());
            }
        }
        foreach (var policy in manifest.Of("NetworkPolicy"))
        {
            foreach (var port in policy.Node.At("spec", "ingress").Items().SelectMany(rule => rule.At("ports").Items()))
            {
                ExpectPort(policy, port.At("port").Text());
            }
        }
        foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
        {
            var get = container.At(probe, "httpGet");
            ExpectPort(set, get.At("port").Text());
            if (Routes.Find(get.At("path").Text() ?? "") is not { IsPublic: true })
            {
                problems.Add(
                    $"{set}: {probe} asks for {get.At("path").Text()}, which is not served without credentials"
                );
            }
        }
        if (container.At("livenessProbe", "httpGet", "path").Text() == "/-/ready")
        {
            problems.Add($"{set}: a server that reads its log would be ended by its livenessProbe");
        }
    }

    private void CheckSecurity(string user)
    {
        ExpectText(user, pod, "securityContext", "runAsUser");
        ExpectText(user, pod, "securityContext", "runAsGroup");
        ExpectText(user, pod, "securityContext", "fsGroup");
        ExpectText("true", pod, "securityContext", "runAsNonRoot");
        ExpectText("RuntimeDefault", pod, "securityContext", "seccompProfile", "type");
        ExpectText("false", container, "securityContext", "allowPrivilegeEscalation");
        ExpectText("true", container, "securityContext", "readOnlyRootFilesystem");
        if (container.At("securityContext", "capabilities", "drop").Texts() is not ["ALL"])
        {
            problems.Add($"{set}: has to drop ALL capabilities");
        }

        void ExpectText(string expected, YamlNode? node, params string[] path)
        {
            if (node.At(path).Text() != expected)
            {
                problems.Add($"{set}: {string.Join('.', path)} has to be {expected}");
            }
        }
    }

    /// <summary>The root is read only: there has to be room for the pages of blocks.</summary>
    private void CheckTemporary()
    {
        var sizes = pod.At("volumes")
            .Items()
            .Where(volume => MountPath(volume.At("name").Text()) == "/tmp")
            .Select(volume => volume.At("emptyDir", "sizeLimit").Text() ?? "");
        if (!sizes.Any(size => KubernetesValues.BytesOf(size) > new StoreReaderOptions().CacheDiskBytes))
        {
            problems.Add($"{set}: has no /tmp that is large enough");
        }
    }

    /// <summary>Who asks for more than the limit is refused; who has no limit takes what others need.</summary>
    private void CheckMemory()
    {
        var requested = KubernetesValues.BytesOf(container.At("resources", "requests", "memory").Text() ?? "");
        var limit = KubernetesValues.BytesOf(container.At("resources", "limits", "memory").Text() ?? "");
        if (requested == 0 || requested > limit)
        {
            problems.Add(
                $"{set}: asks for more memory than its limit allows, or for memory in other units than Mi and Gi"
            );
        }
    }

    /// <summary>The address that the page gives to others.</summary>
    private void CheckPage(string page)
    {
        foreach (var service in manifest.Of("Service"))
        {
            var port = service.Node.At("spec", "ports").Items().Select(one => one.At("port").Text()).FirstOrDefault();
            var address = $"http://{service.Name}.{service.Namespace}:{port}`";
            if (!page.Contains(address, StringComparison.Ordinal))
            {
                problems.Add($"{service}: the page does not say that it is at {address[..^1]}");
            }
        }
    }

    private void CheckVolumes(string page)
    {
        CheckTemporary();
        var volumes = pod.At("volumes")
            .Items()
            .Concat(set.Node.At("spec", "volumeClaimTemplates").Items())
            .Select(volume => volume.At("name").Text() ?? volume.At("metadata", "name").Text())
            .ToList();
        var mounts = container.At("volumeMounts").Items().Select(mount => mount.At("name").Text()).ToList();
        problems.AddRange(mounts.Except(volumes).Select(name => $"{set}: the volume '{name}' is not declared"));
        problems.AddRange(volumes.Except(mounts).Select(name => $"{set}: the volume '{name}' is not mounted"));
        foreach (var volume in pod.At("volumes").Items())
        {
            if (volume.At("configMap", "name").Text() is { } map)
            {
                Expect("ConfigMap", map, set);
            }
            var command =
                $"kubectl -n {set.Namespace} create secret generic {volume.At("secret", "secretName").Text()} ";
            if (volume.At("secret") is not null && !page.Contains(command, StringComparison.Ordinal))
            {
                problems.Add($"{set}: the page does not say how its secret is made: {command}");
            }
        }
    }

    /// <summary>What the container would start, with its configuration.</summary>
    private async Task CheckServerAsync()
    {
        var environment = container
            .At("env")
            .Items()
            .ToDictionary(one => one.At("name").Text()!, one => one.At("value").Text() ?? "", StringComparer.Ordinal);
        var files = Files();
        var arguments = container.At("args").Texts();
        var settings = await TributaryStart.ReadAsync($"{set}", arguments, environment, files.ContainsKey, problems);
        if (settings is null)
        {
            return;
        }
        if (settings.Listen.Address is not null || !ports.ContainsValue(settings.Listen.Port))
        {
            problems.Add($"{set}: listens on {settings.Listen}, which is not the port of the container");
        }
        CheckStorage(settings);
        if (settings.Config is null)
        {
            problems.Add($"{set}: has no configuration");
        }
        else if (TributaryStart.ReadConfig(settings.Config, environment, files, problems) is { } config)
        {
            CheckRights(config);
            CheckOwnTargets(config, settings);
            CheckTokens(config);
        }
    }

    /// <summary>By path, what the pod's ConfigMaps bring.</summary>
    private Dictionary<string, string> Files()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in pod.At("volumes").Items())
        {
            var data = manifest.Find("ConfigMap", volume.At("configMap", "name").Text())?.Node.At("data").Map();
            foreach (var (name, text) in data ?? new Dictionary<string, string>(StringComparer.Ordinal))
            {
                found[$"{MountPath(volume.At("name").Text())}/{name}"] = text;
            }
        }
        return found;
    }

    private string? MountPath(string? volume) =>
        container
            .At("volumeMounts")
            .Items()
            .Where(mount => mount.At("name").Text() == volume)
            .Select(mount => mount.At("mountPath").Text())
            .FirstOrDefault();

    private void CheckStorage(Settings settings)
    {
        var claims = set
            .Node.At("spec", "volumeClaimTemplates")
            .Items()
            .Select(claim => MountPath(claim.At("metadata", "name").Text()));
        if (
            settings.Storage.StartsWith(LocalStorage, StringComparison.Ordinal)
            && !claims.Contains(settings.Storage[LocalStorage.Length..], StringComparer.Ordinal)
        )
        {
            problems.Add($"{set}: its data are not in a volume that lasts");
        }
        if (
            settings.Storage.StartsWith(LocalStorage, StringComparison.Ordinal)
            && Number(set.Node.At("spec", "replicas")) != 1
        )
        {
            problems.Add($"{set}: each of its pods would have a volume, and so data, of its own");
        }
    }

    private void CheckRights(CollectorConfig config)
    {
        var granted = manifest
            .Of("ClusterRole")
            .Where(role =>
                manifest.Of("ClusterRoleBinding").Any(binding => binding.Node.At("roleRef", "name").Text() == role.Name)
            )
            .SelectMany(role => role.Node.At("rules").Items())
            .Where(rule => rule.At("verbs").Texts() is ["list"])
            .SelectMany(rule =>
                from resource in rule.At("resources").Texts()
                from api in rule.At("apiGroups").Texts()
                select $"{api}/{resource}"
            )
            .ToHashSet(StringComparer.Ordinal);
        var needed = config
            .ScrapeConfigs.SelectMany(job => job.KubernetesSdConfigs)
            .SelectMany(discovery => Rights[discovery.Role])
            .ToHashSet(StringComparer.Ordinal);
        problems.AddRange(needed.Except(granted).Select(right => $"{set}: its account may not list {right}"));
        problems.AddRange(granted.Except(needed).Select(right => $"{set}: nothing needs the right to list {right}"));
    }

    private void CheckOwnTargets(CollectorConfig config, Settings settings)
    {
        var own = config.ScrapeConfigs.SelectMany(job => job.StaticConfigs).SelectMany(group => group.Targets);
        problems.AddRange(
            own.Where(target => target != $"localhost:{settings.Listen.Port}")
                .Select(target => $"{set}: nothing listens on {target} in the pod")
        );
    }

    /// <summary>Files of tokens are of the secret.</summary>
    private void CheckTokens(CollectorConfig config)
    {
        if (config.Web.BearerTokens.Count == 0)
        {
            problems.Add($"{set}: everybody in the cluster may read everything");
        }
        var secrets = pod.At("volumes")
            .Items()
            .Where(volume => volume.At("secret") is not null)
            .Select(volume => MountPath(volume.At("name").Text()))
            .ToList();
        var files = manifest
            .Of("ConfigMap")
            .SelectMany(map => map.Node.At("data").Entries())
            .SelectMany(entry => entry.Value.Text()!.Split(' ', '\n', '}', ','))
            .Where(word =>
                word.EndsWith("/token", StringComparison.Ordinal)
                || secrets.Exists(secret =>
                    secret is not null && word.StartsWith($"{secret}/", StringComparison.Ordinal)
                )
            )
            .ToList();
        problems.AddRange(
            files
                .Where(file => Path.GetFileName(file) != "token")
                .Select(file =>
                    $"{set}: the secret has no key '{Path.GetFileName(file)}'; the page makes one with 'token'"
                )
        );
        problems.AddRange(
            files
                .Where(file => !secrets.Contains(Path.GetDirectoryName(file)))
                .Select(file => $"{set}: no secret is mounted where '{file}' is")
        );
    }

    private void Expect(string kind, string? name, KubernetesObject one)
    {
        if (manifest.Find(kind, name) is null)
        {
            problems.Add($"{one}: there is no {kind} {name}");
        }
    }

    private void ExpectPort(KubernetesObject one, string? port)
    {
        if (port is null || (!ports.ContainsKey(port) && !ports.Values.Any(number => $"{number}" == port)))
        {
            problems.Add($"{one}: the container has no port '{port}'");
        }
    }

    private static int Number(YamlNode? node) =>
        int.TryParse(node.Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
