// Tributary in one resource group: what is created, for whom, and with which settings.
targetScope = 'resourceGroup'

@description('The beginning of all names: small letters and digits, a letter first.')
@minLength(3)
@maxLength(12)
param name string

@description('The region. Flex Consumption is not in all of them: az functionapp list-flexconsumption-locations.')
param location string = resourceGroup().location

@description('Tags of all resources.')
param tags object = {}

@description('Who uploads the package and the configuration (object ID in Microsoft Entra); empty grants nobody anything.')
param deployerPrincipalId string = ''

@description('What the deployer is.')
@allowed([
  'User'
  'Group'
  'ServicePrincipal'
])
param deployerPrincipalType string = 'User'

@description('Memory of an instance, which is what a second costs.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 512

@description('The most instances at one time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances of Collect that are always there; needed for schedules below a minute.')
@minValue(0)
@maxValue(10)
param alwaysReadyCollect int = 0

@description('Instances for HTTP that are always there; without one, the first request after a pause waits for a start.')
@minValue(0)
@maxValue(10)
param alwaysReadyHttp int = 0

@description('When sources are collected: six fields, UTC.')
param collectSchedule string = '0 * * * * *'

@description('When rules are evaluated, if not by the invocations of Collect: somewhat after it, so that it need not wait for it.')
param evaluateSchedule string = '10 * * * * *'

@description('Whether rules are evaluated at the end of the invocations of Collect, which saves those of Evaluate.')
param evaluateWithCollect bool = true

@description('When blocks are made, and old data is removed.')
param compactSchedule string = '0 17 * * * *'

@description('When it is looked for exports that are due.')
param exportSchedule string = '0 */5 * * * *'

@description('Where the configuration lies: a blob of the storage account, or a file of the package.')
param configBlob string = 'blob:config/tributary.yml'

@description('Whether there is a Key Vault for the secrets of sources; there is one whenever secretSettings names any.')
param keyVault bool = false

@description('App settings that come from the Key Vault: name of the setting, which the configuration has as an env: reference, to name of the secret.')
param secretSettings object = {}

@description('Further app settings, such as TRIBUTARY_QUERY_TIMEOUT: name to value; no secrets.')
param settings object = {}

@description('Whether the app reaches private sources through a virtual network; it has one in any case with privateStorage.')
param virtualNetwork bool = false

@description('A subnet of an existing network for the app, delegated to Microsoft.App/environments; empty makes a network.')
param appSubnetId string = ''

@description('A subnet of the same network for the private endpoints of privateStorage; empty takes that of the network that is made.')
param endpointSubnetId string = ''

@description('Addresses of the network that is made: a /24, or larger.')
param addressPrefix string = '10.63.0.0/24'

@description('Whether the storage is reached by private endpoints only.')
param privateStorage bool = false

@description('Public addresses that reach the storage all the same, such as the one that deploys.')
param allowedIpAddresses string[] = []

@description('How the storage is kept: in one building, or in three zones.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
])
param storageRedundancy string = 'Standard_LRS'

@description('For how many days what was deleted from the storage can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('After how many days exports are deleted from the storage; 0 keeps them.')
@minValue(0)
@maxValue(36500)
param exportsRetentionDays int = 365

@description('Whether there are alert rules: nothing collected for ten minutes, storage errors.')
param alerts bool = true

@description('Who gets the alerts; empty leaves them in the portal.')
param alertEmail string = ''

@description('For how many days logs are kept; 30 and 31 cost nothing more.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('The most that is logged in a day, in GB, as text; -1 for no limit. 0.16 stays below the free 5 GB a month.')
param dailyLogCapGb string = '0.16'

var suffix = uniqueString(resourceGroup().id, name)
var functionAppName = 'func-${name}-${suffix}'
var storageAccountName = take('${name}${suffix}', 24)
var deploymentContainer = 'deployments'
var configContainer = 'config'
var hasVault = keyVault || !empty(secretSettings)
var makesNetwork = (virtualNetwork || privateStorage) && empty(appSubnetId)
var vaultName = take('kv${name}${suffix}', 24)

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: 'id-${name}-${suffix}'
    location: location
    tags: tags
  }
}

module network 'modules/network.bicep' = if (makesNetwork) {
  name: 'network'
  params: {
    name: 'vnet-${name}-${suffix}'
    location: location
    tags: tags
    addressPrefix: addressPrefix
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: storageAccountName
    location: location
    tags: tags
    redundancy: storageRedundancy
    configContainer: configContainer
    deploymentContainer: deploymentContainer
    softDeleteDays: softDeleteDays
    exportsRetentionDays: exportsRetentionDays
    isPrivate: privateStorage
    allowedIpAddresses: allowedIpAddresses
  }
}

module storageAccess 'modules/storage-access.bicep' = {
  name: 'storage-access'
  params: {
    storageAccountName: storage.outputs.name
    identityPrincipalId: identity.outputs.principalId
    deployerPrincipalId: deployerPrincipalId
    deployerPrincipalType: deployerPrincipalType
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateStorage) {
  name: 'private-endpoints'
  params: {
    name: 'pe-${name}-${suffix}'
    location: location
    tags: tags
    storageAccountId: storage.outputs.id
    networkId: makesNetwork ? network!.outputs.networkId : split(endpointSubnetId, '/subnets/')[0]
    subnetId: makesNetwork ? network!.outputs.endpointSubnetId : endpointSubnetId
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: '${name}-${suffix}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: dailyLogCapGb
    identityPrincipalId: identity.outputs.principalId
  }
}

module vault 'modules/keyvault.bicep' = if (hasVault) {
  name: 'keyvault'
  params: {
    name: vaultName
    location: location
    tags: tags
    identityPrincipalId: identity.outputs.principalId
    deployerPrincipalId: deployerPrincipalId
    deployerPrincipalType: deployerPrincipalType
  }
}

module functionApp 'modules/functionapp.bicep' = {
  name: 'functionapp'
  params: {
    name: functionAppName
    planName: 'plan-${name}-${suffix}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    insightsConnectionString: monitoring.outputs.connectionString
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyCollect: alwaysReadyCollect
    alwaysReadyHttp: alwaysReadyHttp
    subnetId: makesNetwork ? network!.outputs.appSubnetId : appSubnetId
    collectSchedule: collectSchedule
    evaluateSchedule: evaluateSchedule
    evaluateWithCollect: evaluateWithCollect
    compactSchedule: compactSchedule
    exportSchedule: exportSchedule
    configBlob: configBlob
    keyVaultName: hasVault ? vault!.outputs.name : ''
    secretSettings: secretSettings
    settings: settings
  }
  // It reads its package and its settings when it is made: by then it has to be allowed to, and to have a way.
  dependsOn: [
    storageAccess
    privateEndpoints
  ]
}

module alertRules 'modules/alerts.bicep' = if (alerts) {
  name: 'alerts'
  params: {
    name: '${name}-${suffix}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
  }
}

@description('The function app.')
output functionAppName string = functionApp.outputs.name

@description('Where it answers: /federate, /api/v1, /metrics and the status page.')
output functionAppUrl string = functionApp.outputs.url

@description('The storage account of the data.')
output storageAccountName string = storage.outputs.name

@description('The resource group of all this.')
output resourceGroupName string = resourceGroup().name

@description('The identity that the app has towards Azure; roles on other resources (Azure Monitor, discovery) go to it.')
output identityClientId string = identity.outputs.clientId

@description('The container that the package is uploaded into.')
output deploymentContainerName string = deploymentContainer

@description('The container that the configuration is uploaded into.')
output configContainerName string = configContainer

@description('The Key Vault, or empty.')
output keyVaultName string = hasVault ? vault!.outputs.name : ''
