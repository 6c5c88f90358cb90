/* What a new Organization and a new Environment are asked for, as forms draw it. The services' own rule is proto/openapi/provisioning.yaml. */
import type { Schema } from './config.ts'
import { branchOf } from './git.ts'
import { t, type Message } from './messages.ts'

export const ENV_TYPES = ['dev', 'stg', 'prod', 'uat', 'poc'] as const
const TYPE_WORDS: Record<string, Message> = { dev: 'typeDev', stg: 'typeStg', prod: 'typeProd', uat: 'typeUat', poc: 'typePoc' }
const MODES = [['single-region', 'modeSingle'], ['active-active', 'modeActive'], ['active-hotstandby', 'modeStandby']] as const
const BLOCKS = [['rtz', 'blockRestricted'], ['dmz', 'blockEdge'], ['mgt', 'blockManagement']] as const
/* Those that libcommon/svc/spine_layout.c knows. */
const PLANS = [['small', 'planSmall'], ['medium', 'planMedium'], ['large', 'planLarge']] as const
const CPU = '^[0-9]+([.][0-9]+)?m?$'
const BYTES = '^[0-9]+([.][0-9]+)?([KMGTP]i?)?$'
const quantity = (title: string, pattern: string, form: string): Schema => ({ type: 'string', title, maxLength: 32, pattern, 'x-catalyst-form': form } as Schema)
const named = (value: string, title: string): Schema => ({ const: value, title })

export const typeWords = (type: string): string => t('typeAndBranch', t(TYPE_WORDS[type] ?? 'typePoc'), branchOf(`x-${type}`))

/* `free`: the types that the Organization has no Environment of. */
export const environmentForm = (free: string[]): Schema => ({
  type: 'object',
  required: ['envType'],
  properties: {
    envType: { title: t('envType'), description: t('envTypeHelp'), oneOf: free.map(one => named(one, typeWords(one))) },
    displayName: { type: 'string', title: t('displayName'), description: t('displayNameHelp'), minLength: 1, maxLength: 100 },
    placement: {
      type: 'object',
      title: t('placement'),
      description: t('placementHelp'),
      properties: {
        mode: { title: t('placementMode'), oneOf: MODES.map(([value, word]) => named(value, t(word))) },
        regions: { type: 'array', title: t('regions'), description: t('regionsHelp'), items: { type: 'string', title: t('region'), maxLength: 8, pattern: '^[a-z]+$', 'x-catalyst-form': t('regionForm') }, maxItems: 16, uniqueItems: true },
        buildingBlocks: { type: 'array', title: t('buildingBlocks'), description: t('buildingBlocksHelp'), items: { title: t('buildingBlock'), oneOf: BLOCKS.map(([value, word]) => named(value, t(word))) }, maxItems: BLOCKS.length }
      }
    },
    policyRef: { type: 'object', title: t('policy'), description: t('policyHelp'), properties: { name: { type: 'string', title: t('policyName'), maxLength: 253 } } }
  }
} as Schema)

export const organizationForm = (): Schema => ({
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string', title: t('organizationName'), description: t('organizationNameHelp'), minLength: 3, maxLength: 32, pattern: '^[a-z][a-z0-9-]*$', 'x-catalyst-form': t('organizationForm') },
    displayName: { type: 'string', title: t('displayName'), description: t('displayNameHelp'), minLength: 1, maxLength: 100 },
    plan: { title: t('orgPlan'), description: t('orgPlanHelp'), oneOf: PLANS.map(([value, word]) => named(value, t(word))), default: 'small' },
    owners: { type: 'array', title: t('owners'), description: t('ownersHelp'), items: { type: 'string', title: t('owner'), minLength: 1, maxLength: 100 }, maxItems: 32, uniqueItems: true },
    quotas: {
      type: 'object',
      title: t('quotas'),
      description: t('quotasHelp'),
      properties: {
        applications: { type: 'integer', title: t('applications'), minimum: 0, maximum: 10000 },
        cpu: quantity(t('quotaCpu'), CPU, t('cpuForm')),
        memory: quantity(t('quotaMemory'), BYTES, t('bytesForm')),
        storage: quantity(t('quotaStorage'), BYTES, t('bytesForm'))
      }
    },
    domain: { type: 'string', title: t('domain'), description: t('domainHelp'), maxLength: 200 },
    timeZone: { type: 'string', title: t('timeZone'), maxLength: 64, default: 'UTC' },
    billingCurrency: { type: 'string', title: t('currency'), pattern: '^[A-Z]{3}$', 'x-catalyst-form': t('currencyForm'), default: 'EUR' }
  }
} as Schema)

/* Without what was left empty: a field that nobody filled in is not sent, so that the services' own default counts. */
export function filledIn(value: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(value).map(([name, one]) => [name, one !== null && typeof one === 'object' && !Array.isArray(one) ? filledIn(one as Record<string, unknown>) : one] as const)
  return Object.fromEntries(kept.filter(([, one]) => one !== undefined && one !== '' && one !== null && !(Array.isArray(one) && one.length === 0) && !(typeof one === 'object' && !Array.isArray(one) && Object.keys(one as object).length === 0)))
}
